"""`firsttoken reprice`: stored calls priced again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from firsttoken.cli.options import PAGE_PORT, StorePlace, asked_port_option, default_store_path, store_option
from firsttoken.cli.own_prices import prices_option
from firsttoken.cli.selecting import selection_options
from firsttoken.errors import StoreError

if TYPE_CHECKING:
    from firsttoken.pricing.override import Override
    from firsttoken.store import Selection


@click.command(short_help="Price stored calls again.")
@selection_options
@click.option("--all", "every_call", is_flag=True, help="Calls that have a price too, not only those without one.")
@prices_option
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@store_option
@asked_port_option
def reprice(  # noqa: PLR0913, PLR0917  one for each option
    selection: Selection,
    every_call: bool,
    prices: tuple[Override, ...],
    dry_run: bool,
    store: StorePlace | None,
    page_port: int | None,
) -> None:
    """Price stored calls again, by the price list and your own prices of today, each at the prices of its own day.

    Calls without a price are, and with --all the others too. What a provider itself said that a call cost stands, and
    no price is taken away. All of it is written at once, or nothing.
    """
    from firsttoken.analyse.asking import check
    from firsttoken.analyse.options import Options
    from firsttoken.analyse.repricing import repricing
    from firsttoken.cli.progress import counted
    from firsttoken.cli.reprice_table import print_repricing
    from firsttoken.pricing import PriceBook
    from firsttoken.store import Store
    from firsttoken.store.costs import change_costs

    path = _file_of(store)
    _refuse_while_served(path, page_port)
    with Store.open(path, read_only=dry_run) as opened:
        with opened.read() as reader:
            check(reader, Options(selection=selection), str(path))
            with counted("calls looked at") as advance:
                found = repricing(reader, PriceBook(prices), selection, every_call=every_call, progress=advance)
        if found.changes and not dry_run:
            change_costs(opened, found.changes)
    print_repricing(found, dry_run=dry_run)


def _file_of(store: StorePlace | None) -> Path:
    if isinstance(store, str):
        raise StoreError(
            "the calls in ClickHouse are the Collector's, and are not priced again: set FIRSTTOKEN_PRICES where calls "
            "are made, or export them with firsttoken export and price those"
        )
    path = store or default_store_path()
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet: record some calls with firsttoken run -- python app.py")
    return path


def _refuse_while_served(path: Path, page_port: int | None) -> None:
    """One process alone writes a store."""
    from firsttoken.cli.running import find_server

    server = find_server(PAGE_PORT if page_port is None else page_port)
    if server is not None and server.keeps(path):
        raise StoreError(
            f"the store {path} is open in the server on port {server.port}: stop it, price again, and start it again"
        )
