"""`firsttoken trace`: the spans of one trace as a tree, with what each branch used and cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options, write_answer

if TYPE_CHECKING:
    from firsttoken.analyse.tracing import TraceAnswer

DEFAULT_LIMIT = 200
"""Lines that somebody may still read."""


@click.command(short_help="Show a trace as a tree: agents, tools and calls.")
@click.argument("trace")
@click.option("--below", metavar="SPAN", help="Only the branch of this span.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    help=f"At most so many spans, of the largest branches.  [default: {DEFAULT_LIMIT}, and 2000 for programs]",
)
@output_options
@store_option
@asked_port_option
def trace(  # noqa: PLR0913, PLR0917  one parameter for each option
    trace: str, below: str | None, limit: int | None, output: Output, store: StorePlace | None, page_port: int | None
) -> None:
    """Show the spans of one trace as a tree, with the calls, tokens and cost of each branch, and when it all was.

    TRACE is its id, the id of one of its spans, or the beginning of one of these, of at least 6 letters. A bar is a
    span on the time of the whole trace: "." is waiting for the first token, "#" generating, "=" anything else.
    """
    from firsttoken.analyse.tracing import MOST_SHOWN, TRACE, TraceOptions
    from firsttoken.cli.source import open_source

    output.check()
    most = limit or (DEFAULT_LIMIT if output.form == "table" else MOST_SHOWN)
    with open_source(store, page_port) as source:
        found = source.answer(TRACE, TraceOptions(id=trace, below=below, limit=most))
    if found.trace is None:
        from firsttoken.cli.trace_table import not_one_trace

        raise not_one_trace(trace, below, found.named)
    write_answer(output, TRACE, found, _print)


def _print(found: TraceAnswer) -> None:
    from firsttoken.cli.trace_table import print_trace

    if found.trace is not None:
        print_trace(found.trace)
