"""The answers: what the page, the terminal and the JSON output all show. Values only, no formatting."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import JsonValue

from firsttoken.call import Call
from firsttoken.call.timeline import Timeline
from firsttoken.store import Keeping, Queue, Selection


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call and where it came from. The ids are lower-case hexadecimal."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    service: str
    run_id: str | None
    """The `firsttoken run` that the call belongs to, where one does."""
    call: Call
    seen_by: tuple[str, ...] = ()
    """Every instrumentation that recorded the call, by its scope. The record is that of the first."""


@dataclass(frozen=True, slots=True)
class Event:
    """A span event or a log record of one call."""

    name: str
    time_unix_ns: int
    severity: str | None
    attributes: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class CallDetail:
    """Everything the store knows about one call."""

    row: CallRow
    scope: str
    attributes: dict[str, JsonValue]
    resource: dict[str, JsonValue]
    span_events: tuple[Event, ...]
    log_events: tuple[Event, ...]
    """But provider traces, and what was said of the call while it ran."""
    provider_traces: tuple[JsonValue, ...] = ()
    """The bodies of those that came for the call's span, in the order of their times; the final one without its
    timeline."""
    timeline: Timeline | None = None
    """None for a whole answer, and where its program recorded none."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds. None where nothing was measured."""

    count: int
    p50_s: float | None
    p95_s: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums and percentiles over some calls."""

    calls: int
    errors: int
    """Calls that failed or timed out; a caller's own cancellation is not an error."""
    outcomes: dict[str, int]
    error_categories: dict[str, int]
    """Of those that failed or timed out, by what kind of error it was, the most frequent first."""
    first_token: Percentiles
    """Time to the first content token, of streamed calls only."""
    duration: Percentiles
    """Of the calls that a model had to answer; fetching a stored answer is none."""
    input_tokens: int
    """Sum over the calls that reported usage."""
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    calls_without_usage: int
    """Calls that used tokens and did not tell how many. One that was refused used none."""
    cost: dict[str, Decimal]
    """Sum of priced calls by currency. Never includes a guess for an unpriced one."""
    unpriced_calls: int

    def told(self, tokens: int) -> int | None:
        """One of the sums of tokens: unknown, not zero, where calls kept silent about their usage and none told any."""
        is_silent = self.calls_without_usage > 0 and self.input_tokens == self.output_tokens == 0
        return None if is_silent else tokens


@dataclass(frozen=True, slots=True)
class ModelTotals:
    """The same for one model of one provider."""

    provider: str
    model: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One model as a row of a table. Its cost is there where it was paid in one currency; `cost` tells of several."""

    provider: str
    model: str
    calls: int
    errors: int
    first_token: Percentiles
    duration: Percentiles
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    calls_without_usage: int
    unpriced_calls: int
    currency: str | None
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Report:
    """Totals over all calls that match, and by model, the most called first."""

    selection: Selection
    totals: Totals
    models: tuple[ModelTotals, ...]

    @property
    def rows(self) -> tuple[ReportRow, ...]:
        return tuple(_report_row(each) for each in self.models)


def _report_row(of: ModelTotals) -> ReportRow:
    totals = of.totals
    currency, cost = next(iter(totals.cost.items())) if len(totals.cost) == 1 else (None, None)
    return ReportRow(
        provider=of.provider,
        model=of.model,
        calls=totals.calls,
        errors=totals.errors,
        first_token=totals.first_token,
        duration=totals.duration,
        input_tokens=totals.input_tokens,
        output_tokens=totals.output_tokens,
        cache_read_tokens=totals.cache_read_tokens,
        cache_write_tokens=totals.cache_write_tokens,
        reasoning_tokens=totals.reasoning_tokens,
        calls_without_usage=totals.calls_without_usage,
        unpriced_calls=totals.unpriced_calls,
        currency=currency,
        cost=cost,
    )


@dataclass(frozen=True, slots=True)
class Health:
    """What the receivers took in and refused since they started."""

    started_unix_ns: int
    spans: int
    log_records: int
    metric_points: int
    """Counted, not kept: the local answers come from calls."""
    refused_items: dict[str, int]
    """Spans and log records that could not be kept, by reason, from requests that were otherwise accepted."""
    refused_requests: dict[str, int]
    """Whole requests turned away, by reason: `malformed`, `too_large`, `busy`, `store` and so on."""
    store_failure: str | None
    """What stops the store from writing, while it lasts."""
    grpc_endpoint: str | None = None
    """For `OTEL_EXPORTER_OTLP_ENDPOINT` with gRPC, for example `http://127.0.0.1:4317`."""
    http_endpoint: str | None = None
    """The same with HTTP, for example `http://127.0.0.1:4318`."""
    page_url: str | None = None
    """For example `http://127.0.0.1:4319/`."""
    told_losses: dict[str, int] = field(default_factory=dict[str, int])
    """What senders said they lost before it could come here, by what and why: that of our own metric of losses."""
    queue: Queue | None = None
    """What waits to be written; None where nothing is received."""
    keeping: Keeping | None = None
    """How the store is kept within its limits; None where it has none."""
