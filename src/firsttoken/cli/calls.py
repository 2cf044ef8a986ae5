"""`firsttoken calls`: the latest calls, or those that took longest, cost most or stood still."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options
from firsttoken.cli.selecting import selection_options

if TYPE_CHECKING:
    from firsttoken.analyse.listing import CallsAnswer, First
    from firsttoken.store import Selection


@click.command(short_help="Show the latest calls.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most so many."
)
@click.option("--slowest", is_flag=True, help="The longest first.")
@click.option("--costliest", is_flag=True, help="The dearest of those with a price first, in each currency.")
@click.option("--most-stalled", is_flag=True, help="The streams that stood still longest, in all their stalls, first.")
@click.option("--largest-gap", is_flag=True, help="The streams with the longest wait between two events first.")
@click.option("--failed", is_flag=True, help="Only those that failed or timed out.")
@selection_options
@output_options
@store_option
@asked_port_option
def calls(  # noqa: PLR0913, PLR0917  one parameter for each option
    selection: Selection,
    limit: int,
    slowest: bool,
    costliest: bool,
    most_stalled: bool,
    largest_gap: bool,
    failed: bool,
    output: Output,
    store: StorePlace | None,
    page_port: int | None,
) -> None:
    """Show the latest calls, the newest first, or those that took longest, cost most or stood still longest.

    Asks the running server where there is one, and opens the store where there is none.
    What is not known is shown as "-" and is null in JSON, which is an array of calls with all that is known of each.
    """
    from firsttoken.analyse.listing import CALLS, CallsOptions
    from firsttoken.cli.output import write_answer
    from firsttoken.cli.source import open_source

    flags: dict[First, bool] = {
        "slowest": slowest,
        "costliest": costliest,
        "stalled": most_stalled,
        "gap": largest_gap,
    }
    asked: list[First] = [order for order, is_asked in flags.items() if is_asked]
    if len(asked) > 1:
        raise click.UsageError("--slowest, --costliest, --most-stalled and --largest-gap exclude each other.")
    output.check()
    first: First = asked[0] if asked else "newest"
    options = CallsOptions(selection=selection, limit=limit, first=first, failed=failed)
    with open_source(store, page_port) as source:
        found = source.answer(CALLS, options)
    if output.form == "json":
        _print_json(found)
    else:
        write_answer(output, CALLS, found, functools.partial(_print_calls, first=first))


def _print_json(answer: CallsAnswer) -> None:
    from pydantic import TypeAdapter

    from firsttoken.analyse import CallRow
    from firsttoken.analyse.answer_json import json_line

    print(json_line(TypeAdapter(tuple[CallRow, ...]), answer.calls))


def _print_calls(answer: CallsAnswer, first: First) -> None:
    from firsttoken.cli.calls_table import print_calls

    if answer.calls:
        print_calls(answer.calls, first)
    else:
        print("No calls.")
