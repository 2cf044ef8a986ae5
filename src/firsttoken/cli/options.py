"""Options that several commands share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from firsttoken.cli.limits import KEEP_ALL, Kept
from firsttoken.clickhouse.address import FORM, StoreUrl, is_address

if TYPE_CHECKING:
    from firsttoken.serve import ServeSettings

F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")

PORT: Final = click.IntRange(0, 65535)
GRPC_PORT: Final = 4317
HTTP_PORT: Final = 4318
PAGE_PORT: Final = 4319


@dataclass(frozen=True, slots=True)
class Places:
    """Where the local half is to be. None is the usual place."""

    store_path: Path | None
    grpc_port: int | None
    http_port: int | None
    page_port: int | None
    page: bool
    kept: Kept = KEEP_ALL
    store_url: StoreUrl | None = None
    """In place of a path: a server that others write to."""
    budgets: Path | None = None
    """The file of budgets that the page shows."""


def _port_option(name: str, meaning: str, usual: int) -> Callable[[F], F]:
    return click.option(
        f"--{name}-port", type=PORT, metavar="N", help=f"Port {meaning}. 0 takes any free one. Default: {usual}."
    )


StorePlace = Path | StoreUrl
"""A file, or a database server."""


class _StorePlace(click.Path):
    """A URL is kept as it was given: it is no path."""

    name = "store"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and is_address(value):
            return StoreUrl(value)
        if (scheme := _scheme(value)) is not None:
            self.fail(f"{scheme!r} is no kind of store: name a file, or {FORM}.", param, ctx)
        return super().convert(value, param, ctx)


class _StoreFile(click.Path):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and is_address(value):
            self.fail("it is a ClickHouse server, which a Collector writes to: name a file.", param, ctx)
        if (scheme := _scheme(value)) is not None:
            self.fail(f"{scheme!r} is no kind of store: name a file.", param, ctx)
        return super().convert(value, param, ctx)


def _scheme(value: object) -> str | None:
    """What a URL begins with. The rest of it may be a password."""
    before, slashes, _ = value.partition("://") if isinstance(value, str) else ("", "", "")
    return before + slashes if slashes else None


def _store_option(place: click.Path, metavar: str, meaning: str) -> Callable[[F], F]:
    return click.option(
        "--store",
        type=place,
        envvar="FIRSTTOKEN_STORE",
        show_envvar=True,
        metavar=metavar,
        help=f"The store: {meaning}. Default: firsttoken.duckdb in your user data directory.",
    )


store_option = _store_option(
    _StorePlace(path_type=Path, dir_okay=False),
    "STORE",
    "a file, made where there is none, or clickhouse://user@host:8123/database",
)
store_file_option = _store_option(
    _StoreFile(path_type=Path, dir_okay=False), "PATH", "one file, made where there is none"
)
asked_port_option = click.option(
    "--page-port", type=PORT, metavar="N", help=f"Port of the page of the server to ask. Default: {PAGE_PORT}."
)


def places_options(command: Callable[..., R]) -> Callable[..., R]:
    """Options for a command that may start the local half. It gets them as `places`."""

    @store_option
    @_port_option("grpc", "for OTLP over gRPC", GRPC_PORT)
    @_port_option("http", "for OTLP over HTTP", HTTP_PORT)
    @_port_option("page", "of the page", PAGE_PORT)
    @click.option("--no-page", is_flag=True, help="Start no page.")
    @click.option(
        "--budgets",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="FIRSTTOKEN_BUDGETS",
        show_envvar=True,
        metavar="FILE",
        help="Budgets that the page shows (TOML), as of `firsttoken budget`.",
    )
    @functools.wraps(command)
    def with_places(  # noqa: PLR0913  one for each option
        *,
        store: StorePlace | None,
        grpc_port: int | None,
        http_port: int | None,
        page_port: int | None,
        no_page: bool,
        budgets: Path | None,
        **others: Any,
    ) -> R:
        path, url = (None, store) if isinstance(store, str) else (store, None)
        places = Places(
            path, grpc_port, http_port, page_port, page=not no_page, store_url=url, budgets=checked_budgets(budgets)
        )
        return command(places=places, **others)

    return with_places


def serve_settings(places: Places, grpc_port: int, http_port: int, page_port: int) -> ServeSettings:
    """What was asked for, and the given ports for the rest."""
    from firsttoken.serve import ServeSettings

    def chosen(asked: int | None, usual: int) -> int:
        return usual if asked is None else asked

    return ServeSettings(
        grpc_port=chosen(places.grpc_port, grpc_port),
        http_port=chosen(places.http_port, http_port),
        page_port=chosen(places.page_port, page_port) if places.page else None,
        prices=price_file(),
        budgets=places.budgets,
    )


def checked_budgets(file: Path | None) -> Path | None:
    """The same file, which can be read. Raises SettingsError."""
    if file is None:
        return None
    from firsttoken.analyse.budget_file import read_budgets

    read_budgets(file)
    return file.absolute()


def price_file() -> Path | None:
    """The user's own prices, for telemetry that comes without any."""
    named = os.environ.get("FIRSTTOKEN_PRICES", "").strip()
    return Path(named) if named else None


def default_store_path() -> Path:
    """In the user's data directory, which is made where it is missing when the store is."""
    from platformdirs import user_data_path

    return user_data_path("firsttoken") / "firsttoken.duckdb"
