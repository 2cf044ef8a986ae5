"""`firsttoken export`: calls, spans or log records as a file."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import click

from firsttoken.cli.options import StorePlace, asked_port_option, store_option
from firsttoken.cli.selecting import selection_options

if TYPE_CHECKING:
    import pyarrow as pa

    from firsttoken.page.row_files import Form
    from firsttoken.store import Selection
    from firsttoken.store.transfer import TableName

STANDARD_OUTPUT: Final = Path("-")
FORMS: Final[dict[str, Form]] = {".parquet": "parquet", ".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""By the ending of a file's name."""


@click.command(short_help="Write calls to a Parquet, CSV or JSON lines file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--format", "form", type=click.Choice(["parquet", "csv", "jsonl"]), help="Default: what FILE ends with.")
@click.option("--spans", is_flag=True, help="Spans that are no calls instead of calls.")
@click.option("--logs", is_flag=True, help="Log records instead of calls.")
@selection_options
@store_option
@asked_port_option
def export(  # noqa: PLR0913, PLR0917  one for each option
    file: Path,
    form: Form | None,
    spans: bool,
    logs: bool,
    selection: Selection,
    store: StorePlace | None,
    page_port: int | None,
) -> None:
    """Write every recorded call to FILE, with all that is known of it: as Parquet, CSV or lines of JSON.

    FILE ends with .parquet, .csv, .jsonl or .ndjson, and must not be there yet; "-" is standard output. With --spans
    or --logs a filter still selects calls, and what is written belongs to their traces.
    """
    from firsttoken.analyse.exporting import ExportOptions
    from firsttoken.cli.source import open_source

    if spans and logs:
        raise click.UsageError("--spans and --logs exclude each other: a file has rows of one kind.")
    table: TableName = "spans" if spans else "logs" if logs else "calls"
    form = form or _form_of(file)
    with (
        open_source(store, page_port) as source,
        _opened(file, form) as output,
        source.export(ExportOptions(selection=selection, table=table)) as rows,
    ):
        count = _write(rows, output, form, table)
    if file != STANDARD_OUTPUT:
        click.echo(f"{count:,} {table} in {file}", err=True)


def _form_of(file: Path) -> Form:
    form = FORMS.get(file.suffix.lower())
    if form is None:
        usable = "--format csv or --format jsonl" if file == STANDARD_OUTPUT else f"one of {', '.join(FORMS)}"
        raise click.UsageError(f"{file} does not say how to write: give {usable}.")
    return form


@contextmanager
def _opened(file: Path, form: Form) -> Generator[BinaryIO]:
    from firsttoken.cli.new_file import new_file
    from firsttoken.cli.standard_output import bytes_output

    if file != STANDARD_OUTPUT:
        with new_file(file) as output:
            yield output
        return
    if form == "parquet":
        raise click.UsageError("Parquet needs a file: name one instead of -.")
    yield bytes_output()


def _write(rows: pa.RecordBatchReader, output: BinaryIO, form: Form, table: TableName) -> int:
    from firsttoken.analyse.exporting import CALLS
    from firsttoken.cli.progress import counted
    from firsttoken.page.row_files import ROW_FILES

    count = 0
    total = int((rows.schema.metadata or {}).get(CALLS, b"0")) if table == "calls" else None
    with ROW_FILES[form](output, rows.schema) as write, counted(f"{table} written", total) as advance:
        for batch in rows:
            write(batch)
            count += batch.num_rows
            advance(batch.num_rows)
    return count
