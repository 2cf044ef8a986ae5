"""The package's .sql files, by name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

PACKAGE = "firsttoken.store"


class Migration(NamedTuple):
    """One step of the schema. `version` is the number its file name begins with."""

    version: int
    name: str
    statements: str


@cache
def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (files(PACKAGE) / "queries" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def schema_mark() -> str:
    """Makes the table that marks a file as ours."""
    return (files(PACKAGE) / "schema.sql").read_text(encoding="utf-8")


@cache
def migrations() -> tuple[Migration, ...]:
    """Every step, oldest first."""
    found = (entry for entry in (files(PACKAGE) / "migrations").iterdir() if entry.name.endswith(".sql"))
    steps = (
        Migration(int(entry.name.partition("_")[0]), entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8"))
        for entry in found
    )
    return tuple(sorted(steps))
