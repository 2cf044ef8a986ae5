"""`firsttoken heatmap`: how a time that calls took is spread, over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options
from firsttoken.cli.selecting import selection_options
from firsttoken.cli.steps import step_option

if TYPE_CHECKING:
    from firsttoken.analyse.heatmap import Figure
    from firsttoken.store import Selection

FIGURES: Final[dict[str, Figure]] = {
    "first-token": "first_token",
    "total": "total",
    "largest-gap": "largest_gap",
}


@click.command(short_help="Draw how long calls took, over time.")
@selection_options
@click.option(
    "--by",
    "figure",
    type=click.Choice(tuple(FIGURES)),
    default="first-token",
    show_default=True,
    help="Which time.",
)
@step_option
@output_options
@store_option
@asked_port_option
def heatmap(  # noqa: PLR0913, PLR0917  one parameter for each option
    selection: Selection,
    figure: str,
    step_s: int | None,
    output: Output,
    store: StorePlace | None,
    page_port: int | None,
) -> None:
    """Draw how a time that calls took is spread, one line for each step and the longer ones to the right.

    Every call that has the figure counts. --json, --csv and --parquet have a row for each place that has calls.
    """
    from firsttoken.analyse.heatmap import HEATMAP, HeatmapOptions
    from firsttoken.cli.heatmap_drawing import print_heatmap
    from firsttoken.cli.output import write_answer
    from firsttoken.cli.source import open_source

    output.check()
    options = HeatmapOptions(selection=selection, figure=FIGURES[figure], step_s=step_s)
    with open_source(store, page_port) as source:
        found = source.answer(HEATMAP, options)
    write_answer(output, HEATMAP, found, print_heatmap)
