"""`firsttoken compare`: what got worse, and what is noise."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from firsttoken.cli.asked import Asked, answer_options

if TYPE_CHECKING:
    from firsttoken.store import Selection

GOT_WORSE = 1


def _read_share(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """`5%` or `0.05`."""
    del context
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)", text.strip())
    if found is None:
        raise click.BadParameter(f"{text!r} is not a share such as 5% or 0.05.", param=parameter)
    return float(found[1]) / (100 if found[2] else 1)


@click.command(short_help="Say what got worse between two releases, and what is noise.")
@click.argument("a")
@click.argument("b")
@answer_options
@click.option(
    "--tolerance",
    default="0",
    show_default=True,
    callback=_read_share,
    metavar="SHARE",
    help="How much worse, as a share of A's figure, is still no difference: 5% or 0.05.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the random numbers.")
@click.option(
    "--resamples",
    type=click.IntRange(2000, 100_000),
    default=4000,
    show_default=True,
    help="How many times the figures are drawn anew.",
)
def compare(  # noqa: PLR0913, PLR0917  one for each option
    asked: Asked, a: str, b: str, tolerance: float, seed: int, resamples: int
) -> int:
    """Compare the calls A with the calls B, figure by figure, each difference with its 95 % interval.

    A and B are conditions with commas between them: service.version=1.1, or model=gpt-4o,since=2d,until=1d. The keys
    are since, until, run, model and every attribute; the options below narrow both. --by compares group by group.
    Exits with 1 when something got worse by more than the tolerance and chance alone would not explain it.
    """
    from firsttoken.analyse.comparing import COMPARE, CompareOptions
    from firsttoken.cli.compare_table import print_comparison

    common = asked.scope["selection"]
    now = datetime.now(UTC)
    of_a, of_b = _selection("A", a, common, now), _selection("B", b, common, now)
    if of_a == of_b:
        raise click.UsageError("A and B are the same calls: compare two that differ.")
    options = CompareOptions(**asked.scope, a=of_a, b=of_b, seed=seed, resamples=resamples, tolerance=tolerance)
    found = asked.show(COMPARE, options, functools.partial(print_comparison, a=a, b=b), "figures compared")
    return GOT_WORSE if found.is_worse else 0


def _selection(name: str, text: str, common: Selection, now: datetime) -> Selection:
    from firsttoken.cli.conditions import read_conditions

    try:
        return read_conditions(text, common, now)
    except ValueError as error:
        raise click.UsageError(f"{name}: {error}.") from None
