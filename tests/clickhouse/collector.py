"""A file of the Collector's `file` exporter -> what its `clickhouse` exporter writes of the same spans."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from firsttoken.semconv.dialects import Moment
from firsttoken.semconv.read import SpanFacts

from .exported import Exported

ERROR = 2
"""The status, as a number."""


def spans_in(file: Path) -> list[Exported]:
    return [span for line in file.read_text().splitlines() for span in _spans(json.loads(line))]


def _spans(request: Any) -> Iterator[Exported]:
    for of_resource in request.get("resourceSpans", ()):
        resource = _attributes(of_resource.get("resource", {}))
        for of_scope in of_resource.get("scopeSpans", ()):
            for span in of_scope["spans"]:
                yield _exported(span, resource, of_scope.get("scope", {}).get("name", ""))


def _exported(span: Any, resource: dict[str, object], scope: str) -> Exported:
    started, ended = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    status = span.get("status", {})
    moments = [
        Moment(event["name"], (int(event["timeUnixNano"]) - started) / 1e9, _attributes(event))
        for event in span.get("events", ())
    ]
    facts = SpanFacts(
        _attributes(span),
        started,
        ended - started,
        is_error=status.get("code") == ERROR,
        status_message=status.get("message", ""),
    )
    return Exported(
        span["traceId"],
        span["spanId"],
        facts,
        resource,
        scope=scope,
        name=span["name"],
        parent_span_id=span.get("parentSpanId", ""),
        moments=moments,
    )


def _attributes(carrier: Any) -> dict[str, object]:
    return {each["key"]: _value(each["value"]) for each in carrier.get("attributes", ())}


def _value(value: Any) -> object:
    ((kind, held),) = value.items()
    match kind:
        case "intValue":
            return int(held)
        case "arrayValue":
            return [_value(each) for each in held.get("values", ())]
        case _:
            return held
