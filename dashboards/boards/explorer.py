"""The calls themselves, for Tempo and Loki: those that are worth opening, one trace, and what was logged of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.builders import dashboard, logs, loki, table, tempo
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef, LogsSortOrder
from grafana_foundation_sdk.models.dashboard import Dashboard, DataTransformerConfig, DynamicConfigValue
from grafana_foundation_sdk.models.loki import LokiQueryType
from grafana_foundation_sdk.models.tempo import SearchTableType

from boards import links, words
from boards.frame import Title, board
from boards.panels import LEAST_COLUMN_PX, LINES_HEIGHT, UNKNOWN, Limits, Look, PanelBuilder, Query, Words, lines
from boards.queries import ENVIRONMENT, ENVIRONMENT_ATTRIBUTE, FIRST_TOKEN, MODEL, PROVIDER, named, percentile
from boards.variables import EVERYTHING, VariableBuilder, data_source, for_calls
from firsttoken.semconv import names, own
from firsttoken.semconv.prometheus import label

TITLE: Final = Title(
    "calls", links.CALLS, "Calls that are worth opening: slow, dear, failed and cut ones, with their traces and logs."
)
TRACES: Final = DataSourceRef(type_val="tempo", uid="${traces}")
LOGS: Final = DataSourceRef(type_val="loki", uid="${logs}")
SHOWN: Final = {
    names.GEN_AI_REQUEST_MODEL: "model",
    own.OUTCOME: "outcome",
    own.TIME_TO_FIRST_TOKEN: "first token (s)",
    names.GEN_AI_USAGE_INPUT_TOKENS: "input tokens",
    names.GEN_AI_USAGE_OUTPUT_TOKENS: "output tokens",
    own.COST_TOTAL: "cost",
    own.COST_CURRENCY: "currency",
    names.ERROR_TYPE: "error",
}
"""Attributes of spans that are columns of the lists, and their heads."""
ASKED: Final = {own.STALL_COUNT: "stalls", own.COST_UNPRICED: "reason"}
"""What Tempo tells as well because a list asks for it."""
HEADS: Final = {
    "Start time": "time",
    "Trace Service": "service",
    **SHOWN,
    **ASKED,
    "Duration": "duration",
    "Span ID": "span",
}
"""What Grafana's data source calls the columns of an answer, in the order in which they are shown."""
LEFT_OUT: Final = (
    *("Name", "Trace Name", "service.name", ENVIRONMENT_ATTRIBUTE, "status"),
    *(names.GEN_AI_OPERATION_NAME, names.GEN_AI_PROVIDER_NAME),
)
"""What other columns say as well."""
WIDTHS_PX: Final = {
    "Start time": 160,
    "Trace Service": 95,
    names.GEN_AI_REQUEST_MODEL: 165,
    own.TIME_TO_FIRST_TOKEN: 115,
    names.GEN_AI_USAGE_INPUT_TOKENS: 105,
    names.GEN_AI_USAGE_OUTPUT_TOKENS: 110,
    "Duration": 90,
    "Span ID": 140,
}
"""The others share what these leave."""
MOST: Final = 100
WHICH: Final = (
    f'span.{names.GEN_AI_OPERATION_NAME} =~ "$operation"',
    f'span.{names.GEN_AI_PROVIDER_NAME} =~ "$provider"',
    f'span.{names.GEN_AI_REQUEST_MODEL} =~ "$model"',
    'resource.service.name =~ "$service"',
    f'("$environment" = "{EVERYTHING}" || resource.{ENVIRONMENT_ATTRIBUTE} =~ "$environment")',
)
"""Tempo finds no span by an attribute that it does not have, whatever is asked of it: some have no environment."""
LOGGED: Final = tuple(
    map(label, (names.GEN_AI_OPERATION_NAME, names.GEN_AI_REQUEST_MODEL, own.OUTCOME, names.ERROR_TYPE))
)
"""What the line of a log event says of its call, which has no text of its own."""
NO_TRACE: Final = "no trace chosen: put its id in the field on top"
OF_TRACE: Final = (
    Words("Of the chosen trace", "Everything that was logged in it, by any part of the application.", NO_TRACE),
    '{service_name=~".+"} | trace_id="$trace" | trace_id!=""',
)
"""What a panel of its logs says and asks, wherever the trace itself is."""


def explorer() -> Dashboard:
    return board(
        TITLE,
        [*for_calls(), *_more_variables()],
        [("Which calls", _lists()), ("One trace", _one_trace()), ("Logs", _logs())],
    )


def found_in_tempo(*conditions: str) -> str:
    """TraceQL for spans of calls, with the attributes that are columns."""
    columns = ", ".join(f"span.{name}" for name in SHOWN)
    return f"{{ {' && '.join((*WHICH, *conditions))} }} | select({columns})"


def more_than(attribute: str, amount: str) -> str:
    """Tempo finds no number with a fraction by comparing it with a whole one, such as somebody types."""
    return f"span.{attribute} > {amount} * 1.0"


def _more_variables() -> list[VariableBuilder]:
    return [
        data_source("traces", "Traces", "tempo"),
        data_source("logs", "Logs", "loki"),
        dashboard.TextBoxVariable("slower_than_s").label("Slow from (s)").default_value("3"),
        dashboard.TextBoxVariable("dearer_than").label("Dear from").default_value("0.1"),
        dashboard.TextBoxVariable("currency").label("Currency").default_value("USD"),
        dashboard.TextBoxVariable("trace").label("Trace").default_value(""),
    ]


def _lists() -> Sequence[PanelBuilder]:
    return [
        lines(
            Words(
                "First token p95",
                "With exemplars: each dot is a call, and leads to its trace where the data source of metrics says how.",
                words.NO_STREAMS,
            ),
            "s",
            Query(percentile(FIRST_TOKEN, 0.95), named(MODEL)),
            look=Look(width=24, exemplars=True, limits=Limits(3, 10)),
        ),
        *(
            _found(Words(title, meaning, f"no {what} in this time range"), found_in_tempo(*conditions))
            for title, meaning, what, conditions in (
                (
                    "Late first tokens",
                    "Streams whose first token took longer than the field on top says.",
                    "such streams",
                    (more_than(own.TIME_TO_FIRST_TOKEN, "$slower_than_s"),),
                ),
                (
                    "Dear calls",
                    "Calls that cost more than the field on top says, in the currency beside it.",
                    "such calls",
                    (more_than(own.COST_TOTAL, "$dearer_than"), f'span.{own.COST_CURRENCY} = "$currency"'),
                ),
                ("Failed calls", "Calls that failed or timed out.", "failed calls", ("status = error",)),
                (
                    "Cut streams",
                    "Streams that the caller closed, dropped or cancelled.",
                    "cut streams",
                    (f'span.{own.OUTCOME} =~ "closed|abandoned|cancelled"',),
                ),
                (
                    "Streams that stalled",
                    "Streams that said nothing new for FIRSTTOKEN_STALL_S.",
                    "stalled streams",
                    (f"span.{own.STALL_COUNT} > 0",),
                ),
                (
                    "Calls without a price",
                    "Calls whose cost is unknown.",
                    "unpriced calls",
                    (f'span.{own.COST_UNPRICED} =~ ".+"',),
                ),
            )
        ),
    ]


def _one_trace() -> Sequence[PanelBuilder]:
    return [trace_panel(TRACES, tempo.Dataquery().query_type("traceql").query("$trace").ref_id("A").datasource(TRACES))]


def _logs() -> Sequence[PanelBuilder]:
    told = " ".join(f"{{{{.{name}}}}}" for name in LOGGED)
    which = {PROVIDER: "provider", MODEL: "model", ENVIRONMENT: "environment"}
    chosen = " | ".join(('{service_name=~"$service", service_name!=""}', *(f'{n}=~"${v}"' for n, v in which.items())))
    return [
        log_panel(
            Words("Of the chosen calls", "A log event for each, with all that its span has.", "no log events"),
            f'{chosen} | line_format "{told}"',
        ),
        log_panel(*OF_TRACE),
    ]


def _found(words_: Words, query: str) -> table.Panel:
    asked = tempo.Dataquery().query_type("traceql").query(query).table_type(SearchTableType.SPANS).limit(MOST)
    opens = replace(words_, description=f"{words_.description} At most {MOST}; the id of a span opens its trace.")
    panel = list_panel(TRACES, opens, asked.ref_id("A").datasource(TRACES)).span(24).min_width(LEAST_COLUMN_PX)
    order = {name: place for place, name in enumerate(HEADS)}
    shown = {"excludeByName": dict.fromkeys(LEFT_OUT, True), "indexByName": order, "renameByName": HEADS}
    panel = panel.with_transformation(DataTransformerConfig(id_val="organize", options=shown))
    for name, head in HEADS.items():
        properties = [DynamicConfigValue(id_val="noValue", value=UNKNOWN)]
        if name in WIDTHS_PX:
            properties.append(DynamicConfigValue(id_val="custom.width", value=WIDTHS_PX[name]))
        panel = panel.override_by_name(head, properties)
    return panel


def list_panel(source: DataSourceRef, words_: Words, query: Builder[Dataquery]) -> table.Panel:
    """The calls that a store of traces finds."""
    return (
        table.Panel()
        .title(words_.title)
        .description(words_.description)
        .no_value(words_.empty)
        .datasource(source)
        .unit("short")
        .span(12)
        .height(LINES_HEIGHT)
        .with_target(query)
    )


def trace_panel(source: DataSourceRef, query: Builder[Dataquery]) -> dashboard.Panel:
    return (
        dashboard.Panel()
        .type("traces")
        .title("Trace")
        .description("The trace whose id is in the field on top, with every call in it and the events of its stream.")
        .no_value(NO_TRACE)
        .datasource(source)
        .span(24)
        .height(2 * LINES_HEIGHT)
        .with_target(query)
    )


def log_panel(words_: Words, query: str) -> logs.Panel:
    asked = loki.Dataquery().expr(query).query_type(LokiQueryType.RANGE.value).max_lines(MOST)
    return (
        logs.Panel()
        .title(words_.title)
        .description(words_.description)
        .no_value(words_.empty)
        .datasource(LOGS)
        .span(12)
        .height(2 * LINES_HEIGHT)
        .show_time(True)
        .enable_log_details(True)
        .sort_order(LogsSortOrder.DESCENDING)
        .with_target(asked.ref_id("A").datasource(LOGS))
    )
