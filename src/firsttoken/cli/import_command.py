"""`firsttoken import`: telemetry that was written to files, into a store."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from firsttoken.cli.options import PAGE_PORT, asked_port_option, default_store_path, price_file, store_file_option

if TYPE_CHECKING:
    from firsttoken.cli.importing import Destination, Imported
    from firsttoken.cli.running import RunningServer

MOST_TOLD: Final = 10


@click.command("import", short_help="Read telemetry from files into a store.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--keep-going", is_flag=True, help="Leave out what is broken, and say what it was.")
@store_file_option
@asked_port_option
def import_command(files: tuple[Path, ...], keep_going: bool, store: Path | None, page_port: int | None) -> None:
    """Read FILE... into the store: lines of OTLP JSON, as the Collector's file exporter writes them, or the Parquet of
    firsttoken export.

    Traces, logs and metrics may be mixed, and lines may be compressed (.gz, .zst). Spans of other instrumentations
    become the same calls. What is in the store already is not added again. A line that is broken stops the import
    before anything is stored, unless it is to keep going. A server that has the store open is sent everything.
    """
    from firsttoken.cli.importing import look_through, take_in
    from firsttoken.cli.progress import counted
    from firsttoken.errors import BrokenLineError, ImportingError

    server = _server(store, page_port)
    if not keep_going:
        with counted("looked through") as advance:
            try:
                look_through(files, advance, to_server=server is not None)
            except BrokenLineError as error:
                raise ImportingError(f"{error}: --keep-going leaves it out") from error
    with _destination(server, store) as destination, counted("imported") as advance:
        imported = take_in(files, destination, advance, keep_going=keep_going)
    for line in _told(imported, files):
        click.echo(line, err=True)


def _server(store_path: Path | None, page_port: int | None) -> RunningServer | None:
    """The one that has the store open."""
    from firsttoken.cli.running import find_server, no_server

    server = find_server(PAGE_PORT if page_port is None else page_port)
    if server is None and page_port is not None and store_path is None:
        raise no_server(page_port)
    return server if server is not None and (store_path is None or server.keeps(store_path)) else None


@contextmanager
def _destination(server: RunningServer | None, store_path: Path | None) -> Generator[Destination]:
    """The server, else the store itself, which is made where there is none."""
    from firsttoken.cli.destinations import OwnStore, ServersStore
    from firsttoken.errors import ServerError
    from firsttoken.pricing import PriceBook
    from firsttoken.store import Store

    if server is None:
        prices = PriceBook.load(price_file())
        with Store.open(store_path or default_store_path()) as store:
            yield OwnStore(store, prices)
        return
    endpoint = server.status.health.http_endpoint
    if endpoint is None:
        raise ServerError(f"the server on port {server.port} receives nothing: stop it, and import again")
    with closing(ServersStore(endpoint)) as destination:
        yield destination


def _told(imported: Imported, files: tuple[Path, ...]) -> list[str]:
    from firsttoken.page.figures import counted

    places = str(files[0]) if len(files) == 1 else f"{len(files)} files"
    parts = ((imported.calls, "call"), (imported.spans, "other span"), (imported.log_records, "log record"))
    calls, spans, log_records = (counted(number, noun) for number, noun in parts)
    lines = [
        f"{calls}, {spans} and {log_records} of {places} are in the store. What was there before was not added again."
    ]
    if imported.metric_points:
        lines.append(f"{imported.metric_points:,} points of metrics were left out: the store keeps none.")
    lines += [f"left out: {why}" for why in imported.broken[:MOST_TOLD]]
    if len(imported.broken) > MOST_TOLD:
        lines.append(f"left out: {len(imported.broken) - MOST_TOLD:,} more")
    return lines
