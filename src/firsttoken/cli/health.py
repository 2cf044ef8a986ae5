"""`firsttoken health`: what comes into the store from where, and what is missing or wants attention."""

from __future__ import annotations

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options, write_answer


@click.command(short_help="Say what arrives from where, and what is missing.")
@output_options
@store_option
@asked_port_option
def health(output: Output, store: StorePlace | None, page_port: int | None) -> None:
    """Say what arrives from where, what was dropped and why, and what counts once although it came twice.

    What a server received and refused is told where one runs. `firsttoken doctor` looks at a program that sends.
    """
    from firsttoken.analyse.arriving import HEALTH, HealthOptions, StoreHealth
    from firsttoken.cli.health_table import print_health
    from firsttoken.cli.running import RunningServer
    from firsttoken.cli.source import open_source

    output.check()
    with open_source(store, page_port) as source:
        found = source.answer(HEALTH, HealthOptions())
        server = source.status.health if isinstance(source, RunningServer) else None

    def show(answer: StoreHealth) -> None:
        print_health(answer, server)

    write_answer(output, HEALTH, found, show)
