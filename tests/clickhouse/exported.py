"""Spans as the Collector's clickhouse exporter writes them: every value of an attribute becomes a text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clickhouse_connect.driver.client import Client

from firsttoken.semconv import own
from firsttoken.semconv.dialects import Moment
from firsttoken.semconv.read import SpanFacts

COLUMNS: Final = (
    *("Timestamp", "TraceId", "SpanId", "ParentSpanId", "SpanName", "SpanKind", "ServiceName", "ResourceAttributes"),
    *("ScopeName", "SpanAttributes", "Duration", "StatusCode", "StatusMessage"),
    *("Events.Timestamp", "Events.Name", "Events.Attributes"),
)
LOG_COLUMNS: Final = (
    *("Timestamp", "TraceId", "SpanId", "SeverityText", "Body", "EventName", "LogAttributes"),
    *("ServiceName", "ResourceAttributes", "ScopeName"),
)


@dataclass(frozen=True)
class Exported:
    """One span."""

    trace_id: str
    span_id: str
    facts: SpanFacts
    resource: Mapping[str, object] = field(default_factory=dict)
    scope: str = "firsttoken.openai"
    name: str = "chat"
    parent_span_id: str = ""
    moments: Sequence[Moment] = ()
    """Its events, beside those of failed attempts."""


def as_text(value: object) -> str:
    """As the exporter's `AsString`."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case list() | tuple():
            return json.dumps(list(value), separators=(",", ":"), ensure_ascii=False)
        case _:
            return repr(value)


def as_texts(attributes: Mapping[str, object]) -> dict[str, str]:
    return {name: as_text(value) for name, value in attributes.items()}


def write_spans(client: Client, spans: Sequence[Exported]) -> None:
    """One insert, as the exporter makes it."""
    client.insert("otel_traces", [_row(span) for span in spans], COLUMNS)


def write_log(client: Client, span: Exported, name: str, body: str, attributes: Mapping[str, object]) -> None:
    row = [
        *(span.facts.started_unix_ns, span.trace_id, span.span_id, "INFO", body, name, as_texts(attributes)),
        *(span.resource.get("service.name", ""), as_texts(span.resource), span.scope),
    ]
    client.insert("otel_logs", [row], LOG_COLUMNS)


def _row(span: Exported) -> list[object]:
    facts = span.facts
    events = [
        *((1, own.EVENT_ATTEMPT_FAILED, as_texts(attributes)) for attributes in facts.attempts),
        *(
            (facts.started_unix_ns + round(moment.after_s * 1e9), moment.name, as_texts(moment.attributes))
            for moment in span.moments
        ),
    ]
    return [
        *(facts.started_unix_ns, span.trace_id, span.span_id, span.parent_span_id, span.name, "Client"),
        *(span.resource.get("service.name", ""), as_texts(span.resource), span.scope, as_texts(facts.attributes)),
        *(facts.duration_ns, "Error" if facts.is_error else "Unset", facts.status_message),
        *(list(column) for column in (zip(*events, strict=True) if events else ((), (), ()))),
    ]
