"""What there is to tell of one call, in sections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final

from pydantic import JsonValue

from firsttoken.analyse.answers import CallDetail, Event
from firsttoken.call import Call, Usage
from firsttoken.call.usage import COUNTS
from firsttoken.cli import wording
from firsttoken.cli.call_words import conversation_facts
from firsttoken.cli.sections import Fact, Section
from firsttoken.page.conversation import without_conversation
from firsttoken.page.phases import phases
from firsttoken.page.said import said_of
from firsttoken.page.wording import answer_kind, usage_unknown_meaning
from firsttoken.semconv import own
from firsttoken.semconv.fields import COST_PARTS, INFERENCE_FIELDS, OTHER_FIELDS, RESULT_FIELDS

LONGEST_BODY: Final = 2000
"""Letters of a log record's body or an attribute that are shown; --json has all of it."""
TOLD_ELSEWHERE: Final = frozenset(
    {
        field.attribute
        for field in (*RESULT_FIELDS, *INFERENCE_FIELDS, *OTHER_FIELDS)
        if field.part in ("timing", "usage")
    }
    | {*COST_PARTS, own.COST_UNSPLIT, own.COST_TOTAL, own.COST_CURRENCY, own.COST_SOURCE, own.COST_PRICE_DATE}
)
"""Attributes of which the sections of phases, tokens and the bill tell already."""


def sections_of(detail: CallDetail, bill: Iterable[Fact]) -> Iterator[Section]:
    """In the order in which a reader asks."""
    call = detail.row.call
    shown = without_conversation(detail)
    yield Section("call", tuple(_call(detail)))
    yield Section("error", tuple(_failure(call)))
    yield Section("attempts", tuple(_attempts(call)))
    yield Section("phases", tuple(_phases(call)))
    yield Section("tokens", tuple(_tokens(call)))
    yield Section("bill", tuple(bill))
    yield Section("context", tuple((said.name, said.value) for said in said_of(call.request.context)))
    yield Section("conversation", tuple(conversation_facts(detail)))
    yield Section("attributes", tuple(_attributes(shown.attributes)))
    yield Section("resource", tuple(_attributes(detail.resource)))
    yield Section("events", tuple(_events(call, (*shown.span_events, *shown.log_events))))
    yield Section("provider traces", tuple(_provider_traces(detail)))


def _call(detail: CallDetail) -> Iterator[Fact]:
    row, call = detail.row, detail.row.call
    request, response = call.request, call.response
    yield "id", f"{row.trace_id}/{row.span_id}"
    yield "started", wording.moment(call.timing.started_unix_ns, today="")
    yield "model", request.model or response.model or wording.UNKNOWN
    if request.model and response.model and response.model != request.model:
        yield "answered by", response.model
    yield "provider", request.provider or wording.UNKNOWN
    yield "operation", f"{request.operation}, {answer_kind(call)}"
    if request.server_address:
        port = "" if request.server_port is None else f":{request.server_port}"
        yield "server", f"{request.server_address}{port}"
    for field in fields(request.parameters):
        if (value := getattr(request.parameters, field.name)) is not None:
            yield f"asked {field.name}", _text(value)
    yield "outcome", call.outcome.value
    yield from _known(
        ("finish reasons", response.finish_reasons),
        ("empty", response.empty),
        ("HTTP status", response.status_code),
        ("response id", response.id),
        ("request id", response.request_id),
        ("service tier", response.service_tier),
        ("run", row.run_id),
    )
    yield "service", row.service or wording.UNKNOWN
    yield "seen by", ", ".join(row.seen_by or (detail.scope,))


def _known(*facts: tuple[str, object]) -> Iterator[Fact]:
    return ((name, _text(value)) for name, value in facts if value is not None)


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _failure(call: Call) -> Iterator[Fact]:
    failure = call.failure
    if failure is None:
        return
    yield "category", failure.category.value
    yield "type", failure.type
    yield from _known(("message", failure.message or None), ("stage", failure.stage), ("code", failure.code))
    yield from _known(("exception", failure.exception_type))
    if failure.retry_after_ns is not None:
        yield "asked to wait", wording.nanoseconds(failure.retry_after_ns)


def _attempts(call: Call) -> Iterator[Fact]:
    """Those that failed before the last."""
    for number, attempt in enumerate(call.attempts, 1):
        status = "" if attempt.status_code is None else f" with {attempt.status_code}"
        asked = "" if attempt.retry_after_ns is None else f" of {wording.nanoseconds(attempt.retry_after_ns)} asked for"
        request_id = "" if attempt.request_id is None else f", request {attempt.request_id}"
        yield (
            str(number),
            f"{attempt.category.value}{status} after {wording.nanoseconds(attempt.failed_ns)}, then waited "
            f"{wording.nanoseconds(attempt.wait_ns)}{asked}{request_id}",
        )
    if call.resend_count > len(call.attempts):
        yield "sent again", f"{call.resend_count:,} times, of which no more is known"


def _phases(call: Call) -> Iterator[Fact]:
    timing = call.timing
    for phase in phases(call):
        yield (
            phase.name.lower(),
            f"{wording.nanoseconds(phase.duration_ns):>8}  until {wording.nanoseconds(phase.ended_ns)}",
        )
    if timing.chunk_count is not None:
        yield "events", wording.count(timing.chunk_count)
    if timing.largest_gap_ns is not None:
        yield "largest gap", wording.nanoseconds(timing.largest_gap_ns)
    if timing.stall_count:
        yield "stalls", f"{timing.stall_count:,}, {wording.nanoseconds(timing.stalled_ns)} in all"
    if timing.provider_wait_ns is not None:
        yield "waiting for the provider", wording.nanoseconds(timing.provider_wait_ns)
    if timing.consumer_wait_ns is not None:
        yield "the caller's own time", wording.nanoseconds(timing.consumer_wait_ns)


def _tokens(call: Call) -> Iterator[Fact]:
    usage = call.usage
    if usage is None:
        yield "unknown", usage_unknown_meaning(call)
        return
    yield from ((name.replace("_", " "), value) for name, value in _counts(usage))
    if usage.partial:
        yield "partial", "the stream ended before the provider gave its final counts"
    if call.output_tokens_per_second is not None:
        yield "speed", wording.rate(call.output_tokens_per_second)


def _counts(usage: Usage) -> Iterator[Fact]:
    for name in COUNTS:
        if (value := getattr(usage, name)) is not None or name in ("input_tokens", "output_tokens"):
            yield name, wording.count(value)


def _attributes(attributes: Mapping[str, JsonValue]) -> Iterator[Fact]:
    for name, value in sorted(attributes.items()):
        if name not in TOLD_ELSEWHERE:
            yield name, _json(value)


def _json(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]} ... ({len(text):,} letters)"


def _events(call: Call, events: Iterable[Event]) -> Iterator[Fact]:
    for event in sorted(events, key=lambda event: event.time_unix_ns):
        said = ", ".join(f"{name}={_json(value)}" for name, value in event.attributes.items())
        after = wording.nanoseconds(event.time_unix_ns - call.timing.started_unix_ns)
        yield event.name or wording.UNKNOWN, f"after {after}" + (f": {said}" if said else "")


def _provider_traces(detail: CallDetail) -> Iterator[Fact]:
    for number, trace in enumerate(detail.provider_traces, 1):
        members = ", ".join(sorted(trace)) if isinstance(trace, dict) else _json(trace)
        yield str(number), f"{len(json.dumps(trace)):,} bytes of JSON: {members}"
