"""A SQL statement of the user's own: one that only reads, and no file. The engine itself takes it apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final, cast

import duckdb

from firsttoken.errors import StatementError

EXPLAIN: Final = re.compile(r"\s*EXPLAIN\s+(ANALYZE\s+)?", re.IGNORECASE)
WANTED: Final = "give one SELECT, WITH, FROM, EXPLAIN, DESCRIBE or SHOW"
TABLE_FUNCTIONS: Final = frozenset(
    {
        *("range", "generate_series", "unnest", "repeat", "repeat_row", "summary", "histogram", "histogram_values"),
        *("json_each", "json_tree", "duckdb_tables", "duckdb_columns", "duckdb_views", "duckdb_types"),
        *("duckdb_functions", "duckdb_keywords", "duckdb_schemas"),
    }
)
"""Every other one may read a file, change a setting, or run a text as a statement."""
NO_VALUES: Final = frozenset({"nextval", "setval", "write_log", "sleep_ms", "query", "query_table"})
"""Functions that do something besides giving a value."""
WRITING: Final = re.compile(r"(INSERT|UPDATE|DELETE|MERGE\w*)_QUERY_NODE")
NO_QUESTION: Final = re.compile(r"Only SELECT statements can be serialized", re.IGNORECASE)
LONGEST: Final = 300


def check_reads(text: str) -> None:
    """Raises StatementError for whatever is not one statement that reads calls, spans and log records alone."""
    with closing(duckdb.connect()) as engine:
        functions: set[str] = set()
        for part in _parts(_tree(engine, EXPLAIN.sub("", text, count=1))):
            _check_node(part)
            if (name := _function(part)) is not None:
                functions.add(name)
        _check_functions(engine, functions)


def one_line(error: object) -> str:
    """What the engine says of a statement, without the picture of where."""
    paragraph = str(error).strip().partition("\n\n")[0]
    return " ".join(paragraph.split()).rstrip(".")[:LONGEST]


def _tree(engine: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    try:
        row = engine.execute("SELECT json_serialize_sql($text)", {"text": text}).fetchone()
    except duckdb.Error as error:
        raise StatementError(f"the statement cannot be read ({one_line(error)}): {WANTED}") from error
    tree: dict[str, Any] = json.loads(row[0]) if row is not None else {}
    if tree.get("error", True):
        said = one_line(tree.get("error_message") or "")
        if not said or NO_QUESTION.match(said):
            said = "it is no question"
        raise StatementError(f"the statement is refused ({said}): {WANTED}")
    if len(tree["statements"]) != 1:
        raise StatementError(f"there are {len(tree['statements'])} statements: {WANTED}")
    return tree


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object within, without recursion: a statement may be nested deeper than Python is."""
    waiting: list[Any] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            found = cast("dict[str, Any]", part)
            yield found
            waiting.extend(found.values())
        elif isinstance(part, list):
            waiting.extend(cast("list[Any]", part))


def _check_node(part: dict[str, Any]) -> None:
    kind = str(part.get("type"))
    if WRITING.fullmatch(kind):
        raise StatementError(f"the statement is refused (it writes): {WANTED}")
    if kind == "TABLE_FUNCTION" and (name := _function(part["function"])) not in TABLE_FUNCTIONS:
        raise StatementError(f"the statement is refused (it calls {name}): read from calls, spans and logs instead")


def _function(part: dict[str, Any]) -> str | None:
    name = part.get("function_name")
    return name.lower() if isinstance(name, str) else None


def _check_functions(engine: duckdb.DuckDBPyConnection, functions: set[str]) -> None:
    """One that another engine alone knows may do anything there."""
    known = {row[0] for row in engine.execute("SELECT function_name FROM duckdb_functions()").fetchall()} - NO_VALUES
    for name in sorted(functions - known - TABLE_FUNCTIONS):
        raise StatementError(f"the statement is refused (it calls {name}): use functions that give a value")
