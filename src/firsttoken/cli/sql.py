"""`firsttoken sql`: a question of one's own."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.output import Output, output_options

if TYPE_CHECKING:
    from firsttoken.analyse.stating import Scalar

MOST_SHOWN = 100
"""Rows of a table for people, unless they say otherwise."""


def _read_parameters(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, Scalar]:
    del context
    parameters: dict[str, Scalar] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name.isidentifier() or not equals:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE, for example model=gpt-4o.", param=parameter)
        parameters[name] = _value(value)
    return parameters


def _value(text: str) -> Scalar:
    """A number, true, false, null or a quoted text as JSON has it; any other text as it stands."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str | int | float | bool | None) else text


@click.command(short_help="Ask a question of your own in SQL; nothing is ever written.")
@click.argument("statement")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    callback=_read_parameters,
    metavar="NAME=VALUE",
    help="The value of $NAME in the statement: a number, true, false, null or a text. Repeatable.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"At most so many rows. Default: {MOST_SHOWN} of a table."
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="End the statement when it takes longer.",
)
@output_options
@store_option
@asked_port_option
def sql(  # noqa: PLR0913, PLR0917  one for each option
    statement: str,
    parameters: dict[str, Scalar],
    limit: int | None,
    timeout_s: float,
    output: Output,
    store: StorePlace | None,
    page_port: int | None,
) -> None:
    """Ask a question of your own in SQL, of the tables calls, spans, logs and contents.

    STATEMENT is one SELECT, WITH, FROM, EXPLAIN, DESCRIBE or SHOW in DuckDB's SQL; "-" reads it from standard input.
    It runs in a transaction that can write nothing, and reads no file. `firsttoken sql "DESCRIBE calls"` lists the
    columns.
    """
    from firsttoken.analyse.stating import Statement
    from firsttoken.cli.rows_output import write_rows
    from firsttoken.cli.source import open_source

    output.check()
    text = sys.stdin.read() if statement == "-" else statement
    shown = limit or (MOST_SHOWN if output.form == "table" else None)
    wanted = None if shown is None else shown + 1  # to know whether there are more
    asked = Statement(text=text, parameters=parameters, limit=wanted, timeout_s=timeout_s)
    with open_source(store, page_port) as source, source.state(asked) as rows:
        is_cut = write_rows(output, rows, shown)
    if is_cut:
        click.echo(f"the first {shown:,} rows: there are more, see --limit", err=True)
