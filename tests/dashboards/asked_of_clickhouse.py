"""What the boards ask ClickHouse, and how Grafana and its data source fill it in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .committed import BOARDS, every_panel

KIND = "grafana-clickhouse-datasource"
ASKED = {
    f"{board}: {panel['title']}": target["rawSql"]
    for board, panel in every_panel()
    for target in panel["targets"]
    if target["datasource"]["type"] == KIND
}
VALUES = {
    variable["name"]: variable["query"]
    for board in BOARDS.values()
    for variable in board["templating"]["list"]
    if variable["type"] == "query" and variable["datasource"]["type"] == KIND
}


@dataclass(frozen=True)
class Range:
    """What a board shows, and how wide a value of a line is. Milliseconds since 1970."""

    since: int
    until: int
    interval: int = 3_600_000


def filled_in(sql: str, over: Range, by: str = "model", chosen: Mapping[str, list[str]] | None = None) -> str:
    """With everything chosen but what is given."""
    for name in VALUES:
        values = None if chosen is None else chosen.get(name)
        kept = r"\1" if values is not None else "1=1"
        sql = re.sub(rf"\$__conditionalAll\(\s*(.*), \${name}\)", kept, sql)
        quoted = ", ".join(f"'{value}'" for value in values or ())
        sql = sql.replace(f"${{{name}:singlequote}}", quoted)
    numbers = {"$__from": over.since, "$__to": over.until, "$__interval_ms": over.interval}
    for name, number in numbers.items():
        sql = sql.replace(name, str(number))
    return sql.replace("${by:singlequote}", f"'{by}'")
