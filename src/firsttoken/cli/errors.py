"""`firsttoken errors`: what failed, and what it cost to try again."""

from __future__ import annotations

import click

from firsttoken.cli.asked import Asked, answer_options


@click.command(short_help="Say what failed, and what retries cost.")
@answer_options
@click.option(
    "--chains",
    type=click.IntRange(0, 1000),
    default=5,
    show_default=True,
    metavar="N",
    help="Name so many of the retries that cost most time.",
)
def errors(asked: Asked, chains: int) -> None:
    """Say what failed: by category, stage, provider and model, with the rate of errors; and what retries cost.

    A rate is that of all calls of the same model and group. What a caller cancelled or closed is no error. The rows of
    --csv and --parquet are the kinds of errors; --json has the totals of each group and the retries as well.
    """
    from firsttoken.analyse.failing import ERRORS, ErrorsOptions
    from firsttoken.cli.errors_table import print_errors

    asked.show(ERRORS, ErrorsOptions(**asked.scope, chains=chains), print_errors)
