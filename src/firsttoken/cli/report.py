"""`firsttoken report`: totals and percentiles."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from firsttoken.cli.moment import since_unix_ns
from firsttoken.cli.options import Which, asked_port_option, store_option, which_options


def _read_since(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    del context
    if text is None:
        return None
    try:
        return since_unix_ns(text, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param=parameter) from None


@click.command(short_help="Sum up calls by model.")
@click.option(
    "--since",
    callback=_read_since,
    metavar="WHEN",
    help="Only calls that started since then: 90s, 30m, 1h, 2d, 1w ago, or a date or time such as 2026-01-31T09:00.",
)
@which_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@store_option
@asked_port_option
def report(
    since: int | None,
    which: Which,
    as_json: bool,
    store: Path | None,
    page_port: int | None,
) -> None:
    """Sum up calls by model: errors, time to first token, duration, tokens and cost.

    Asks the running server where there is one, and opens the store where there is none.
    What is not known is shown as "-" and is null in JSON. Calls of unknown price are counted, not guessed.
    """
    from firsttoken.cli.source import open_source

    with open_source(store, page_port) as source:
        answer = source.report(since, which.run_id, which.where)
    if as_json:
        from pydantic import TypeAdapter

        from firsttoken.analyse import Report
        from firsttoken.cli.answer_json import json_line

        print(json_line(TypeAdapter(Report), answer))
        return
    from firsttoken.cli.report_table import print_report

    print_report(answer)
