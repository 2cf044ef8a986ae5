"""`firsttoken serve`: the local half alone."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from firsttoken.cli.limits import KEEP_ALL, Kept, limit_options
from firsttoken.cli.options import (
    GRPC_PORT,
    HTTP_PORT,
    PAGE_PORT,
    Places,
    default_store_path,
    places_options,
    serve_settings,
)
from firsttoken.cli.sharing import Shared, link, sharing_options, with_access
from firsttoken.cli.signals import Signals, hold_signals

if TYPE_CHECKING:
    from firsttoken.clickhouse.address import StoreUrl
    from firsttoken.serve import BoundPorts


@click.command(short_help="Receive, store and show until Ctrl-C.")
@click.option("--memory", is_flag=True, help="Keep nothing: the store lives in memory and goes with the server.")
@limit_options
@sharing_options
@places_options
def serve(*, places: Places, shared: Shared, kept: Kept, memory: bool) -> None:
    """Receive OTLP from any program, store it and show it, until Ctrl-C.

    Listens on this machine only; --page-host lets others see the page. Of a ClickHouse server it shows what a Collector
    writes there, and receives nothing.
    """
    given = click.get_current_context().get_parameter_source("store")
    if memory and given is click.core.ParameterSource.COMMANDLINE:
        raise click.UsageError("--memory and --store exclude each other.")
    if not places.page and shared != Shared():
        raise click.UsageError("--no-page excludes --page-host and --page-url.")
    if memory and kept.max_size_bytes is not None:
        raise click.UsageError("--memory and --max-size exclude each other: the limit is one of a file.")
    if places.store_url is not None and not memory:
        if kept != KEEP_ALL:
            raise click.UsageError("A ClickHouse server drops rows itself: see firsttoken clickhouse schema --ttl.")
        with hold_signals() as signals:
            _show(places.store_url, places, shared, signals)
        return
    path = None if memory else places.store_path or default_store_path()
    with hold_signals() as signals:
        _serve(path, replace(places, kept=kept), shared, signals)


def _serve(path: Path | None, places: Places, shared: Shared, signals: Signals) -> None:
    from firsttoken.serve import Server, bind

    settings = with_access(serve_settings(places, GRPC_PORT, HTTP_PORT, PAGE_PORT), shared)
    with closing(bind(settings)) as bound:  # before the store, which takes a while to load
        from firsttoken.store import Limits, Store, kept_within

        limits = Limits(places.kept.max_age_s, places.kept.max_size_bytes)
        with Store.open(path) as store, kept_within(store, limits), Server(store, settings, bound=bound):
            page = "none" if bound.page_url is None else link(settings, shared, bound.page_url)
            click.echo(_welcome(page, bound, path))
            signals.next_ending()


def _show(url: StoreUrl, places: Places, shared: Shared, signals: Signals) -> None:
    """The page of what others write to a server."""
    if not places.page:
        raise click.UsageError("Of a ClickHouse server there is the page alone: leave --no-page out.")
    from firsttoken.clickhouse import ClickHouse
    from firsttoken.show import PageServer, Watched

    settings = with_access(serve_settings(places, GRPC_PORT, HTTP_PORT, PAGE_PORT), shared)
    with ClickHouse.open(url) as warehouse, Watched(warehouse) as watched, PageServer(watched, settings) as server:
        page = link(settings, shared, server.url)
        click.echo(f"Page         {page}\nStore        {warehouse.name}\n\nCtrl-C ends it.")
        signals.next_ending()


def _welcome(page: str, ports: BoundPorts, path: Path | None) -> str:
    return "\n".join(
        (
            f"Page         {page}",
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
