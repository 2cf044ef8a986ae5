"""The log events of a call: the details of an inference, and the exception of a call that failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.util.types import Attributes

from firsttoken.call import Call, Failure, operation_called
from firsttoken.guard import guarded
from firsttoken.semconv import names, own
from firsttoken.semconv.messages import content_values
from firsttoken.semconv.renaming import named
from firsttoken.semconv.write import Written, attempt_attributes, written
from firsttoken.settings import Conventions

Values = dict[str, object]
"""On a log event a value may have a structure."""


class LogEmitter:
    """Emits events of one logger. All data is in attributes; there is no body (conventions, GenAI events)."""

    def __init__(self, logger: Logger, conventions: Conventions = "current") -> None:
        self._logger = logger
        self._conventions: Conventions = conventions

    def emit(self, call: Call, context: Context | None, known: Written | None = None) -> None:
        """`context` ties the events to the call's span. `known` are the call's attributes."""
        whole = (known or written(call)).whole
        attributes: Values = {**named(whole, self._conventions), **_attempts(call)}
        if operation_called(call.request.operation).is_inference:
            self._logger.emit(
                timestamp=call.timing.ended_unix_ns,
                context=context,
                severity_number=SeverityNumber.DEBUG,
                severity_text="DEBUG",
                attributes=cast("Attributes", {**attributes, **(_content(call, self._conventions) or {})}),
                event_name=names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
            )
        if call.failure is not None:
            self._emit_exception(call, call.failure, attributes, context)

    def _emit_exception(self, call: Call, failure: Failure, attributes: Values, context: Context | None) -> None:
        described = {
            names.EXCEPTION_TYPE: failure.exception_type,
            names.EXCEPTION_MESSAGE: failure.message,
            names.EXCEPTION_STACKTRACE: failure.stacktrace,
        }
        given = {name: value for name, value in described.items() if value is not None}
        self._logger.emit(
            timestamp=call.timing.ended_unix_ns,
            context=context,
            severity_number=SeverityNumber.WARN,
            severity_text="WARN",
            attributes=cast("Attributes", {**attributes, **given}),
            event_name=names.EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION,
        )


def _attempts(call: Call) -> Values:
    """Those that failed before the last: a list of what each one's span event says."""
    return {own.ATTEMPTS: [attempt_attributes(attempt) for attempt in call.attempts]} if call.attempts else {}


@guarded("write what was said on an event")
def _content(call: Call, conventions: Conventions) -> Mapping[str, object]:
    """Structured, as the conventions want it on events."""
    if call.content is None:
        return {}
    return content_values(call.content, None if conventions == "current" else call.response.finish_reasons or ())
