"""`firsttoken budget`: what was spent of each budget, and the same limits as alert rules."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from firsttoken.cli.asked import Asked, Scope
from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options
from firsttoken.cli.plain import plain
from firsttoken.cli.selecting import read_moment

if TYPE_CHECKING:
    from firsttoken.analyse.budgets import BudgetAnswer

SHARE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?) *%", re.ASCII)
EXCEEDED: Final = 1
NOT_HELD: Final = 2

file_option = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("budgets.toml"),
    show_default=True,
    metavar="FILE",
    help="The budgets (TOML).",
)


def _read_share(context: click.Context, parameter: click.Parameter, text: str | None) -> Decimal | None:
    del context
    found = None if text is None else SHARE.fullmatch(text.strip())
    if text is None:
        return None
    if found is None or not 0 < (share := Decimal(found[1]) / 100) <= 1:
        raise click.BadParameter(f"{text!r} is not a share of the limit such as 80%.", param=parameter)
    return share


warn_option = click.option(
    "--warn", callback=_read_share, metavar="SHARE", help="Warn from this share of a limit on, for example 80%."
)


@click.group(short_help="Hold what was spent against limits.", invoke_without_command=True)
@click.pass_context
def budget(context: click.Context) -> None:
    """Hold what was spent against limits per user, feature, model, window or anything else, from a file."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@budget.command(short_help="Show what was spent; exit with 1 where it is too much.")
@file_option
@warn_option
@click.option("--strict", is_flag=True, help="Exit with 1 also for a warning, and where calls have no price.")
@click.option("--at", callback=read_moment, metavar="WHEN", help="As of then: 2d ago, or a date or time. Default: now.")
@output_options
@store_option
@asked_port_option
def check(  # noqa: PLR0913, PLR0917  one for each option
    file: Path,
    warn: Decimal | None,
    strict: bool,
    at: int | None,
    output: Output,
    store: StorePlace | None,
    page_port: int | None,
) -> int:
    """Show what was spent of each budget in the window that holds now. Exits with 1 where a limit is exceeded,
    else with 2 where one cannot be held.

    Windows are those of the calendar in UTC, or rolling ones that end now. A budget whose calls do not all have a price
    is incomplete: more may have been spent than is known.
    """
    from firsttoken.analyse.budget_file import read_budgets
    from firsttoken.analyse.budgets import BUDGETS, BudgetOptions
    from firsttoken.cli.budget_table import print_budgets
    from firsttoken.store import EVERYTHING

    asked = Asked(Scope(selection=EVERYTHING, group_by=()), output, store, page_port)
    options = BudgetOptions(
        **asked.scope, budgets=read_budgets(file), now_unix_ns=time.time_ns() if at is None else at, warn=warn
    )
    return _exit_code(asked.show(BUDGETS, options, print_budgets), strict=strict)


def _exit_code(answer: BudgetAnswer, *, strict: bool) -> int:
    for problem in answer.problems:
        click.echo(f"firsttoken: {plain(problem)}", err=True)
    is_doubtful = any(row.state == "warning" or (not row.is_complete and row.problem is None) for row in answer.rows)
    if answer.is_exceeded or (strict and is_doubtful):
        return EXCEEDED
    return NOT_HELD if answer.problems else 0


@budget.command(short_help="Print the limits as alert rules of Prometheus.")
@file_option
@warn_option
@click.option(
    "--metric-attributes",
    envvar="FIRSTTOKEN_METRIC_ATTRIBUTES",
    show_envvar=True,
    default="",
    metavar="KEYS",
    help="What the metrics carry besides what all of them do, as the programs that make the calls are told.",
)
def rules(file: Path, warn: Decimal | None, metric_attributes: str) -> None:
    """Print the limits as alert rules of Prometheus, over the metric of cost that the programs send.

    A limit by an attribute that metrics do not carry is refused. Prometheus knows no calendar: a rule looks as far back
    as its budget's window may last.
    """
    from firsttoken.analyse.budget_file import read_budgets
    from firsttoken.analyse.budget_rules import alert_rules

    carried = [name.strip() for name in metric_attributes.split(",") if name.strip()]
    click.echo(alert_rules(read_budgets(file), carried, warn), nl=False)
