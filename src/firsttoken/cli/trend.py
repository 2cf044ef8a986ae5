"""`firsttoken trend`: how calls went over time."""

from __future__ import annotations

import click

from firsttoken.cli.asked import Asked, answer_options
from firsttoken.cli.steps import step_option


@click.command(short_help="Say how calls went over time.")
@answer_options
@step_option
@click.option(
    "--groups",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="With --by, the N with the most calls.",
)
def trend(asked: Asked, step_s: int | None, groups: int) -> None:
    """Say how calls went over time, one line for each step: how many, how long, how many tokens, for how much.

    The percentiles are exact. A step in which nothing was called has no line. Steps are in UTC.
    The table shows the most asked for; --json, --csv and --parquet have all of it.
    """
    from firsttoken.analyse.trend import TREND, TrendOptions
    from firsttoken.cli.trend_table import print_trend

    asked.show(TREND, TrendOptions(**asked.scope, step_s=step_s, groups=groups), print_trend)
