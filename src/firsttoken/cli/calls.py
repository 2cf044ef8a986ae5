"""`firsttoken calls`: the latest calls."""

from __future__ import annotations

from pathlib import Path

import click

from firsttoken.cli.options import Which, asked_port_option, store_option, which_options


@click.command(short_help="Show the latest calls.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most so many."
)
@which_options
@click.option("--json", "as_json", is_flag=True, help="One JSON array on standard output.")
@store_option
@asked_port_option
def calls(limit: int, which: Which, as_json: bool, store: Path | None, page_port: int | None) -> None:
    """Show the latest calls, the newest first.

    Asks the running server where there is one, and opens the store where there is none.
    What is not known is shown as "-" and is null in JSON.
    """
    from firsttoken.cli.source import open_source

    with open_source(store, page_port) as source:
        rows = source.calls(limit, which.run_id, which.where)
    if as_json:
        from pydantic import TypeAdapter

        from firsttoken.analyse import CallRow
        from firsttoken.cli.answer_json import json_line

        print(json_line(TypeAdapter(list[CallRow]), rows))
        return
    if not rows:
        print("No calls.")
        return
    from firsttoken.cli.calls_table import print_calls

    print_calls(rows)
