"""`firsttoken serve`: the local half alone."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import (
    GRPC_PORT,
    HTTP_PORT,
    PAGE_PORT,
    Places,
    default_store_path,
    places_options,
    serve_settings,
)
from firsttoken.cli.signals import Signals, hold_signals

if TYPE_CHECKING:
    from firsttoken.serve import BoundPorts, ServeSettings


@click.command(short_help="Receive, store and show until Ctrl-C.")
@click.option("--memory", is_flag=True, help="Keep nothing: the store lives in memory and goes with the server.")
@places_options
def serve(*, places: Places, memory: bool) -> None:
    """Receive OTLP from any program, store it and show it, until Ctrl-C.

    Listens on this machine only.
    """
    given = click.get_current_context().get_parameter_source("store")
    if memory and given is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--memory and --store exclude each other.")
    path = None if memory else places.store_path or default_store_path()
    with hold_signals() as signals:
        _serve(path, serve_settings(places, GRPC_PORT, HTTP_PORT, PAGE_PORT), signals)


def _serve(path: Path | None, settings: ServeSettings, signals: Signals) -> None:
    from firsttoken.serve import Server, bind
    from firsttoken.store import Store

    with closing(bind(settings)) as bound, Store.open(path) as store, Server(store, settings, bound=bound):
        click.echo(_welcome(bound, path))
        signals.next_ending()


def _welcome(ports: BoundPorts, path: Path | None) -> str:
    return "\n".join(
        (
            f"Page         {ports.page_url or 'none'}",
            f"OTLP/gRPC    {ports.grpc_endpoint}",
            f"OTLP/HTTP    {ports.http_endpoint}",
            f"Store        {path or 'in memory'}",
            "",
            "Send it something from another terminal:",
            "  firsttoken run -- python app.py",
            f"  OTEL_EXPORTER_OTLP_ENDPOINT={ports.grpc_endpoint} opentelemetry-instrument python app.py",
            "Ctrl-C ends it.",
        )
    )
