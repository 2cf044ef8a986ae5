"""By which names a filter or a grouping may ask for something of a call, and which column holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firsttoken.semconv import names
from firsttoken.semconv.context import FIELDS as CONTEXT_NAMES
from firsttoken.semconv.context import short_name
from firsttoken.semconv.fields import SPAN_FIELDS
from firsttoken.store.call_columns import CALL_COLUMNS, Column, Kind
from firsttoken.store.derived import DERIVED


@dataclass(frozen=True, slots=True)
class Known:
    """Something every call has a column for. A value unknown to a call is NULL there."""

    expression: str
    """SQL over the relation `calls`."""
    kind: Kind
    is_seconds: bool = False
    """Whether people say it in seconds, while the column counts nanoseconds."""


MODEL: Final = "coalesce(model, response_model)"

OF_EVERY_CALL: Final[Mapping[str, Known]] = {
    "model": Known(MODEL, "text"),
    "provider": Known("provider", "text"),
    "operation": Known("operation", "text"),
    "api": Known("api", "text"),
    "stream": Known("stream", "flag"),
    "outcome": Known("outcome", "text"),
    "failed": Known("(outcome IN ('failed', 'timed_out'))", "flag"),
    "category": Known("error_category", "text"),
    "stage": Known("error_stage", "text"),
    "service": Known("service", "text"),
    "service.name": Known("service", "text"),
    "run": Known("run_id", "text"),
    "scope": Known("scope", "text"),
    "span": Known("span_id", "text"),
    "trace": Known("trace_id", "text"),
    "name": Known("name", "text"),
    "tier": Known("coalesce(response_service_tier, request_service_tier)", "text"),
    "unpriced": Known("unpriced_reason", "text"),
    "price_missing": Known(DERIVED["price_missing"], "flag"),
    "user": Known("user_id", "text"),
    "session": Known("session_id", "text"),
    "agent": Known("agent_id", "text"),
    "organization": Known("organization_id", "text"),
    "project": Known("project_id", "text"),
    "minute": Known("strftime(make_timestamp_ns(started_unix_ns), '%Y-%m-%dT%H:%MZ')", "text"),
    "hour": Known("strftime(make_timestamp_ns(started_unix_ns), '%Y-%m-%dT%HZ')", "text"),
    "day": Known("strftime(make_timestamp_ns(started_unix_ns), '%Y-%m-%d')", "text"),
}
"""The short names. Times are in UTC."""

COLUMNS: Final[Mapping[tuple[str, str], Column]] = {(column.part, column.field): column for column in CALL_COLUMNS}


def _of_column(column: Column, *, is_seconds: bool = False) -> Known:
    return Known(column.name, column.kind, is_seconds)


def _of_attributes() -> dict[str, Known]:
    """By the attribute that carries a field, long and short: `gen_ai.request.model`, `request.model`."""
    known: dict[str, Known] = {}
    for field in SPAN_FIELDS:
        column = COLUMNS.get((field.part, field.name))
        if column is not None:
            known[field.attribute] = _of_column(column, is_seconds=field.kind == "seconds")
            known.setdefault(short_name(field.attribute), known[field.attribute])
    for name, field_name in CONTEXT_NAMES.items():
        known[name] = _of_column(COLUMNS["context", field_name])
    known[names.ERROR_TYPE] = _of_column(COLUMNS["failure", "type"])
    return known


KNOWN: Final[Mapping[str, Known]] = {**_of_attributes(), **OF_EVERY_CALL}
"""Any other name is that of an attribute of the span, of what its application said of it, or of its resource."""

ALIKE: Final = tuple(
    tuple(name for name, known in KNOWN.items() if known.expression == column.name)
    for column in CALL_COLUMNS
    if column.part == "context"
)
"""All names of each part of the context: `user` is what is called `user.id`, too."""


def _of_time(derived: str) -> Known:
    return Known(DERIVED[derived], "int", is_seconds=True)


FIGURES: Final[Mapping[str, Known]] = {
    **{name: known for name, known in KNOWN.items() if known.kind in ("int", "real", "money")},
    "started": Known("started_unix_ns", "int", is_seconds=True),
    "headers": _of_time("to_headers_ns"),
    "first_event": _of_time("to_first_event_ns"),
    "first_token": _of_time("to_first_token_ns"),
    "total": _of_time("to_end_ns"),
    "largest_gap": _of_time("widest_gap_ns"),
    "stalled": _of_time("stood_still_ns"),
    "stalls": Known(DERIVED["stalls"], "int"),
    "input_tokens": Known("input_tokens", "int"),
    "output_tokens": Known("output_tokens", "int"),
    "resends": Known("resend_count", "int"),
    "cost": Known("cost_total", "money"),
}
"""What a call has a number for: by the names above, and by short ones, which mean what they mean in every answer."""
