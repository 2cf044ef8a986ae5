"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

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


@dataclass(frozen=True, slots=True)
class Which:
    """Of which calls an answer is wanted."""

    run_id: str | None
    where: Mapping[str, str]
    """By the attribute's full name."""


def _port_option(name: str, meaning: str, usual: int) -> Callable[[F], F]:
    return click.option(
        f"--{name}-port", type=PORT, metavar="N", help=f"Port {meaning}. 0 takes any free one. Default: {usual}."
    )


store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="FIRSTTOKEN_STORE",
    show_envvar=True,
    metavar="PATH",
    help="The store: one file, made where there is none. Default: firsttoken.duckdb in your user data directory.",
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
    @functools.wraps(command)
    def with_places(
        *,
        store: Path | None,
        grpc_port: int | None,
        http_port: int | None,
        page_port: int | None,
        no_page: bool,
        **others: Any,
    ) -> R:
        return command(places=Places(store, grpc_port, http_port, page_port, page=not no_page), **others)

    return with_places


def _read_where(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """By the attribute's full name."""
    del context
    from firsttoken.semconv.context import attribute_named

    where: dict[str, str] = {}
    for condition in given:
        name, equals, value = condition.partition("=")
        attribute = attribute_named(name.strip())
        if not attribute or not equals:
            raise click.BadParameter(f"{condition!r} is not KEY=VALUE, for example run.id=r1.", param=parameter)
        if where.setdefault(attribute, value) != value:
            raise click.BadParameter(f"{name.strip()} cannot be two values at once: give it once.", param=parameter)
    return where


def which_options(command: Callable[..., R]) -> Callable[..., R]:
    """Options for a command that answers about some of the calls. It gets them as `which`."""

    @click.option("--run", "run_id", metavar="ID", help="Only the calls of one `firsttoken run`.")
    @click.option(
        "--where",
        multiple=True,
        callback=_read_where,
        metavar="KEY=VALUE",
        help="Only calls whose attribute KEY is VALUE, such as run.id=r1, user.id=u1 or feature=search. Repeatable: "
        "all must hold.",
    )
    @functools.wraps(command)
    def with_which(*, run_id: str | None, where: dict[str, str], **others: Any) -> R:
        return command(which=Which(run_id, where), **others)

    return with_which


def serve_settings(places: Places, grpc_port: int, http_port: int, page_port: int) -> ServeSettings:
    """What was asked for, and the given ports for the rest."""
    from firsttoken.serve import ServeSettings

    def chosen(asked: int | None, usual: int) -> int:
        return usual if asked is None else asked

    return ServeSettings(
        grpc_port=chosen(places.grpc_port, grpc_port),
        http_port=chosen(places.http_port, http_port),
        page_port=chosen(places.page_port, page_port) if places.page else None,
    )


def default_store_path() -> Path:
    """In the user's data directory, which is made where it is missing when the store is."""
    from platformdirs import user_data_path

    return user_data_path("firsttoken") / "firsttoken.duckdb"
