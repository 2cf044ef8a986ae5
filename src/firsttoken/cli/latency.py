"""`firsttoken latency`: how long calls took, and where the time went."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import click

from firsttoken.cli.asked import Asked, answer_options

if TYPE_CHECKING:
    from firsttoken.analyse.latency import Mark

MARKS: Final[dict[str, Mark]] = {
    "headers": "headers",
    "first-event": "first_event",
    "first-token": "first_token",
    "total": "total",
}


@click.command(short_help="Say how long calls took, and why.")
@answer_options
@click.option("--histogram", is_flag=True, help="Draw how many calls took how long.")
@click.option(
    "--slowest",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Name so many of the slowest calls.",
)
@click.option(
    "--slowest-by",
    type=click.Choice(tuple(MARKS)),
    default="total",
    show_default=True,
    help="Up to when they took longest.",
)
def latency(asked: Asked, histogram: bool, slowest: int, slowest_by: str) -> None:
    """Say how long calls took: exact percentiles up to the first token and the end, gaps, stalls and speed.

    What only a stream has is of streams alone. Speed is output tokens per second after the first token, and
    "slow 5 %" is what one stream in twenty is below. Fetching an answer that was there already is left out.
    The table shows the most asked for; --json, --csv and --parquet have all of it.
    """
    from firsttoken.analyse.latency import LATENCY, LatencyOptions
    from firsttoken.cli.latency_table import print_latency

    options = LatencyOptions(**asked.scope, slowest=slowest, slowest_by=MARKS[slowest_by])
    asked.show(LATENCY, options, functools.partial(print_latency, histogram=histogram))
