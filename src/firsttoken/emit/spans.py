"""The span of a call.

Conventions: GenAI client spans, and "recording errors": status stays unset on success, and its description is the
exception's message on failure.
"""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer

from firsttoken.call import Call, Request
from firsttoken.guard import guarded
from firsttoken.semconv import names, own
from firsttoken.semconv.messages import content_texts
from firsttoken.semconv.renaming import named
from firsttoken.semconv.write import (
    Attributes,
    Written,
    attempt_attributes,
    request_attributes,
    result_attributes,
    span_name,
    trace_attributes,
)
from firsttoken.settings import Conventions
from firsttoken.trace.version import SCHEMA_VERSION


class SpanEmitter:
    """Opens and ends spans of one tracer."""

    def __init__(self, tracer: Tracer, conventions: Conventions = "current", *, milestones: bool = True) -> None:
        """`milestones` are the span events of a provider trace."""
        self._tracer = tracer
        self._conventions: Conventions = conventions
        self._milestones = milestones

    def start(self, request: Request, started_unix_ns: int, context: Context | None = None) -> Span:
        """Starts the span with everything known so far, for a sampler to see."""
        return self._tracer.start_span(
            span_name(request),
            context=context,
            kind=SpanKind.CLIENT,
            attributes=named(request_attributes(request), self._conventions),
            start_time=started_unix_ns,
        )

    def end(self, span: Span, call: Call, known: Written | None = None) -> None:
        """Ends the span at the call's own end, however much later this runs. `known` are the call's attributes."""
        if span.is_recording():
            result = result_attributes(call) if known is None else known.result
            span.set_attributes(named(result, self._conventions))
            _add_content(span, call, self._conventions)
            self._add_events(span, call)
            if call.failure is not None:
                span.set_status(Status(StatusCode.ERROR, call.failure.message))
        span.end(call.timing.ended_unix_ns)

    def _add_events(self, span: Span, call: Call) -> None:
        """Those of which there may be many come first: a span that has too many loses its first."""
        started, timing = call.timing.started_unix_ns, call.timing
        for attempt in call.attempts:
            span.add_event(own.EVENT_ATTEMPT_FAILED, attempt_attributes(attempt), started + attempt.failed_ns)
        for stall in call.stalls:
            span.add_event(own.EVENT_STALL, {own.STALL_LENGTH: stall.length_ns / 1e9}, started + stall.began_ns)
        if self._milestones and timing.headers_ns is not None:
            span.add_event(own.EVENT_HEADERS, timestamp=started + timing.headers_ns)
        if timing.first_token_ns is not None:
            span.add_event(own.EVENT_FIRST_TOKEN, timestamp=started + timing.first_token_ns)
        if call.failure is not None:
            described = {names.ERROR_TYPE: call.failure.type, names.EXCEPTION_MESSAGE: call.failure.message}
            span.add_event(own.EVENT_ERROR, described, timestamp=timing.last_moment_unix_ns)
        if self._milestones:
            span.add_event(own.EVENT_PROVIDER_TRACE, _trace_metadata(call), timestamp=timing.last_moment_unix_ns)


def _trace_metadata(call: Call) -> Attributes:
    mark: Attributes = {own.TRACE_SCHEMA_VERSION: SCHEMA_VERSION, own.ATTEMPT_NUMBER: call.resend_count + 1}
    return mark | trace_attributes(call)


@guarded("write what was said on a span")
def _add_content(span: Span, call: Call, conventions: Conventions) -> None:
    """As JSON text: not every trace backend takes structured values."""
    if call.content is not None:
        ended = None if conventions == "current" else call.response.finish_reasons or ()
        span.set_attributes(content_texts(call.content, ended))
