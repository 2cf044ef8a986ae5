"""`firsttoken cost`: what calls cost, or the bill of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firsttoken.cli.asked import Asked, answer_options
from firsttoken.cli.own_prices import prices_option

if TYPE_CHECKING:
    from firsttoken.pricing.override import Override


@click.command(short_help="Show what calls cost, and why some have no price.")
@answer_options
@prices_option
@click.option("--ledger", is_flag=True, help="List the bill of each call, line by line.")
def cost(asked: Asked, prices: tuple[Override, ...], ledger: bool) -> None:
    """Show what calls cost: by part, by any grouping and by currency, what caches saved, and what went to waste.

    Costs are those that were recorded with the calls. A call without a price is counted, never guessed, and a total
    says what it lacks. What a cache saved, what streams had cost that were cut, and the lines of a bill are worked out
    from the price list at the price of each call's own day.
    """
    if ledger:
        from firsttoken.analyse.bills import LEDGER, LedgerOptions
        from firsttoken.cli.ledger_table import print_ledger

        asked.show(LEDGER, LedgerOptions(**asked.scope, prices=prices), print_ledger, work="calls billed")
        return
    from firsttoken.analyse.costs import COST, CostOptions
    from firsttoken.cli.cost_table import print_cost

    asked.show(COST, CostOptions(**asked.scope, prices=prices), print_cost, work="calls priced again")
