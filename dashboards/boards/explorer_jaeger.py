"""The calls themselves, for Jaeger and Loki.

Jaeger finds spans by service, by how long they took and by equal tags. It cannot be asked for more than an amount: late
first tokens and costly calls are in the lists where a Collector with `jaeger/tags.yaml` has put a tag on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from grafana_foundation_sdk.builders import dashboard, table
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import Dashboard, VariableRefresh

from boards import links
from boards.explorer import MOST, OF_TRACE, list_panel, log_panel, trace_panel
from boards.frame import Title, board
from boards.panels import DATA_SOURCE, PanelBuilder, Words
from boards.queries import CALLS, SERVICE
from boards.searches import typed
from boards.variables import VariableBuilder, data_source
from firsttoken.call import OPERATIONS
from firsttoken.semconv import names

TITLE: Final = Title(
    "calls",
    links.CALLS,
    "Calls that are worth opening: long, failed, cut and unpriced ones, with their traces and logs.",
)
TRACES: Final = DataSourceRef(type_val="jaeger", uid="${traces}")
OPERATION: Final = f"{names.GEN_AI_OPERATION_NAME}=$operation"
NONE: Final = "no such calls in this time range"
NO_TAGS: Final = f"{NONE}, or no Collector with jaeger/tags.yaml"
LISTS: Final = (
    ("All calls", "Calls of the chosen service.", "", "", NONE),
    ("Long calls", "Those that took longer than the field on top says.", "$longer_than", "", NONE),
    ("Failed calls", "Calls that the provider or the connection failed.", "", typed("Failed"), NONE),
    ("Calls that timed out", "Calls that were not answered in time.", "", typed("Timed out"), NONE),
    ("Cancelled calls", "Calls that the caller cancelled while he waited.", "", typed("Cancelled"), NONE),
    ("Closed streams", "Streams that the caller closed early.", "", typed("Closed early"), NONE),
    ("Without a final count", "Streams whose final counts never came.", "", typed("Without final counts"), NONE),
    ("Late first tokens", "Streams whose first token took more than 2 s.", "", typed("Late first token"), NO_TAGS),
    ("Stalled streams", "Streams that stood still.", "", typed("Stalled"), NO_TAGS),
    ("Costly calls", "Calls that cost more than 0.50.", "", typed("Costly"), NO_TAGS),
)
"""Title, meaning, least duration and tags of each list, and what it says when it is empty."""


class Search(Builder[Dataquery]):
    """A query of the data source's, for which the SDK has no type."""

    def __init__(self, **members: object) -> None:
        self._members = members

    def build(self) -> Dataquery:
        return UnknownDataquery({"datasource": TRACES.to_json(), "refId": "A", **self._members})


def explorer_jaeger() -> Dashboard:
    return board(
        TITLE,
        _variables(),
        [
            ("Which calls", [_list(*each) for each in LISTS]),
            ("One trace", [trace_panel(TRACES, Search(query="$trace"))]),
            ("Logs", _logs()),
        ],
    )


def _variables() -> list[VariableBuilder]:
    return [
        data_source("datasource", "Metrics", "prometheus"),
        data_source("traces", "Traces", "jaeger"),
        data_source("logs", "Logs", "loki"),
        dashboard.QueryVariable("service")
        .label("Service")
        .datasource(DATA_SOURCE)
        .query(f"label_values({CALLS}, {SERVICE})")
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED),
        dashboard.CustomVariable("operation").label("Operation").values(",".join(OPERATIONS)),
        dashboard.TextBoxVariable("tags").label("Tags").default_value(""),
        dashboard.TextBoxVariable("longer_than").label("Long from").default_value("10s"),
        dashboard.TextBoxVariable("trace").label("Trace").default_value(""),
    ]


def _list(title: str, meaning: str, longer_than: str, tags: str, empty: str) -> table.Panel:
    asked = Search(
        queryType="search",
        service="$service",
        tags=" ".join(filter(None, (OPERATION, tags, "$tags"))),
        minDuration=longer_than,
        limit=MOST,
    )
    return list_panel(TRACES, Words(title, f"{meaning} At most {MOST}; the id of a trace opens it.", empty), asked)


def _logs() -> Sequence[PanelBuilder]:
    chosen = '{service_name="$service"}'
    return [
        log_panel(Words("Of the chosen service", "A log event for each call.", "no log events"), chosen),
        log_panel(*OF_TRACE),
    ]
