"""What is said of a call while it runs: log events of its span, so that somebody who watches sees it before its end."""

from __future__ import annotations

import time

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span

from firsttoken.call import Request, operation_called
from firsttoken.semconv import names, own
from firsttoken.semconv.renaming import named
from firsttoken.semconv.write import Attributes, request_attributes
from firsttoken.settings import Conventions


class RunningEmitter:
    """Emits events of one logger. Each says whose call it is and when that began, for others may not arrive."""

    def __init__(self, logger: Logger, conventions: Conventions = "current") -> None:
        self._logger = logger
        self._conventions: Conventions = conventions

    def started(self, request: Request, started_unix_ns: int, context: Context) -> None:
        self._emit(own.EVENT_CALL_STARTED, started_unix_ns, _asked(request, started_unix_ns), context)

    def progress(
        self, request: Request, started_unix_ns: int, context: Context, chunks: int | None, first_chunk_ns: int | None
    ) -> None:
        """`chunks` have come so far, the first of them that long after the start. None is unknown."""
        attributes = _asked(request, started_unix_ns)
        if chunks is not None:
            attributes[own.CHUNK_COUNT] = chunks
        if first_chunk_ns is not None:
            inference = operation_called(request.operation).is_inference
            name = names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK if inference else own.TIME_TO_FIRST_CHUNK
            attributes[name] = first_chunk_ns / 1e9
        self._emit(own.EVENT_CALL_PROGRESS, time.time_ns(), attributes, context)

    def _emit(self, event: str, time_unix_ns: int, attributes: Attributes, context: Context) -> None:
        self._logger.emit(
            timestamp=time_unix_ns,
            context=context,
            severity_number=SeverityNumber.DEBUG,
            severity_text="DEBUG",
            attributes=named(attributes, self._conventions),
            event_name=event,
        )


def is_sampled(context: Context | None) -> bool:
    """Whether the span of a call will be there to end what is said of it now."""
    if context is None:
        return False
    span = get_current_span(context).get_span_context()
    return span.is_valid and span.trace_flags.sampled


def _asked(request: Request, started_unix_ns: int) -> Attributes:
    return {**request_attributes(request), own.CALL_STARTED: started_unix_ns}
