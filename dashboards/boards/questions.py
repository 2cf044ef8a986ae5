"""SQL for ClickHouse, over the view of calls that `firsttoken clickhouse schema` makes: one file for each question.

`{chosen}`, `{group}` and `{unpriced}` in a file stand for the files of those names. What Grafana puts in are numbers,
words of our own variables, and hexadecimal digits: no name that telemetry has brought stands in a query.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.builders import dashboard, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import VariableRefresh, VariableSort

from boards.panels import PLAIN, SMALL, Column, Look, Words, empty_figure, empty_lines, empty_rows
from boards.variables import ALL, VariableBuilder, data_source

FOLDER: Final = Path(__file__).with_name("sql")
KIND: Final = "grafana-clickhouse-datasource"
SOURCE: Final = DataSourceRef(type_val=KIND, uid="${clickhouse}")
NUMBERS: Final = {"table": 1, "timeseries": 0}
"""What the data source calls the shapes of an answer, beside their names."""
MOST_VALUES: Final = 60
"""Of a line. One for each pixel would be made of a call or two of a group, and show nothing but chance."""
OF_GROUP: Final = "${__field.labels.name}"
"""What a line is called that is one of several out of the same column."""
GROUPS: Final = ("user", "session", "agent", "organization", "project", "call type", "service", "model")
"""What calls can be grouped by: the words that sql/group.sql knows."""
CHOSEN: Final = {
    "service": "service",
    "environment": "resource['deployment.environment.name']",
    "provider": "provider",
    "model": "coalesce(model, '')",
    "operation": "operation",
}
"""Each variable with what it chooses by."""


class Question(Builder[Dataquery]):
    """A query of the data source's, for which the SDK has no type."""

    def __init__(self, sql: str, shape: str) -> None:
        self._sql = sql
        self._shape = shape

    def build(self) -> Dataquery:
        return UnknownDataquery(
            {
                "datasource": SOURCE.to_json(),
                "editorType": "sql",
                "format": NUMBERS[self._shape],
                "queryType": self._shape,
                "rawSql": self._sql,
                "refId": "A",
            }
        )


def sql(name: str, **given: object) -> str:
    """The text of a question, with what it shares with others or what is given, and without its comments."""
    text = re.sub(r"^ *--.*\n", "", (FOLDER / f"{name}.sql").read_text(encoding="utf-8"), flags=re.MULTILINE).strip()
    for part in set(re.findall(r"(?<!\$)\{(\w+)\}", text)):
        text = text.replace(f"{{{part}}}", str(given[part]) if part in given else sql(part))
    return text


def asked_lines(words: Words, unit: str, name: str, look: Look = PLAIN) -> timeseries.Panel:
    asked = empty_lines(words, unit, look).datasource(SOURCE).with_target(Question(sql(name), "timeseries"))
    return asked.max_data_points(MOST_VALUES)


def asked_figure(words: Words, unit: str, text: str, look: Look = SMALL) -> stat.Panel:
    return empty_figure(words, unit, look).datasource(SOURCE).with_target(Question(text, "table"))


def asked_rows(words: Words, columns: tuple[Column, ...], name: str, width: int = 24) -> table.Panel:
    return empty_rows(words, columns, width).datasource(SOURCE).with_target(Question(sql(name), "table"))


def variables() -> list[VariableBuilder]:
    return [
        data_source("clickhouse", "ClickHouse", KIND),
        *(_values(name, column) for name, column in CHOSEN.items()),
        dashboard.CustomVariable("by").label("By").values(",".join(GROUPS)),
    ]


def _values(name: str, column: str) -> VariableBuilder:
    return (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .datasource(SOURCE)
        .query(sql("values", column=column))
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .current(ALL)
    )
