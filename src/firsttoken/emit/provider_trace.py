"""Provider traces as OTLP log records: attributes to filter by, and the structured record as the body.

The milestones of the same trace go on the span: `emit.spans`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from firsttoken.call import Call
from firsttoken.call.bodies import NO_BODIES, Bodies
from firsttoken.semconv import names, own
from firsttoken.semconv.renaming import named
from firsttoken.semconv.write import (
    Attributes,
    Written,
    attempt_attributes,
    trace_attributes,
    written,
)
from firsttoken.settings import Conventions
from firsttoken.trace.version import EVENT_NAME, SCHEMA_VERSION

if TYPE_CHECKING:
    from firsttoken.trace.record import ProviderTrace, SpanIds


class ProviderTraceEmitter:
    """Emits the records of calls through one logger: one for each attempt, the final one last."""

    def __init__(self, logger: Logger, conventions: Conventions = "current") -> None:
        self._logger = logger
        self._conventions: Conventions = conventions

    def emit(
        self, call: Call, context: Context | None, bodies: Bodies = NO_BODIES, known: Written | None = None
    ) -> None:
        """`context` is that of the call's span, be it ours or the SDK's own. `known` are the call's attributes."""
        from firsttoken.trace.of_call import traces_of  # Only now: it loads pydantic.

        for trace in traces_of(call, _span_in(context), bodies):
            self._logger.emit(
                timestamp=call.timing.started_unix_ns + trace.timing.duration_ns,
                context=context,
                severity_number=SeverityNumber.INFO,
                severity_text="INFO",
                body=cast("Any", trace.body()),
                attributes=named(_attributes(call, trace, known or written(call)), self._conventions),
                event_name=EVENT_NAME,
            )


def _span_in(context: Context | None) -> SpanIds | None:
    from firsttoken.trace.record import SpanIds

    if context is None:
        return None
    span = get_current_span(context).get_span_context()
    if not span.is_valid:
        return None
    return SpanIds(trace_id=format_trace_id(span.trace_id), span_id=format_span_id(span.span_id))


def _attributes(call: Call, trace: ProviderTrace, known: Written) -> Attributes:
    """Those of the span, without the usage object as text: the body has it."""
    mark: Attributes = {
        own.TRACE_SCHEMA_VERSION: SCHEMA_VERSION,
        own.ATTEMPT_NUMBER: trace.attempt.number,
        own.ATTEMPT_FINAL: trace.attempt.final,
    }
    if trace.attempt.failed is None:
        attributes = known.whole | trace_attributes(call) | mark
        attributes.pop(own.USAGE_RAW, None)
        return attributes
    attributes = known.request | attempt_attributes(trace.attempt.failed) | mark
    attributes[own.OUTCOME] = str(trace.outcome)
    if trace.error is not None:
        attributes[names.ERROR_TYPE] = trace.error.type
    return attributes
