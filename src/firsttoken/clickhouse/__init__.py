"""Calls in ClickHouse, as the Collector's exporter writes them there: the schema, and the same answers from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from firsttoken.errors import StoreError

if TYPE_CHECKING:
    from firsttoken.clickhouse.warehouse import ClickHouse

__all__ = ["ClickHouse"]

INSTALL: Final = "install firsttoken[clickhouse]"


def __getattr__(name: str) -> object:
    """The client library is loaded when it is needed: the schema is printed without it."""
    if name != "ClickHouse":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from firsttoken.clickhouse.warehouse import ClickHouse
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        raise StoreError(f"ClickHouse needs a package that is not here ({package}): {INSTALL}") from error
    return ClickHouse
