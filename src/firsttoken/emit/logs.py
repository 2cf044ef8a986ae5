"""The log events of a call: its details always, its exception when it failed."""

from __future__ import annotations

from typing import cast

from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.util.types import Attributes

from firsttoken.call import Call
from firsttoken.semconv import names
from firsttoken.semconv.write import call_attributes


class LogEmitter:
    """Emits events of one logger. All data is in attributes; there is no body (conventions, GenAI events)."""

    def __init__(self, logger: Logger) -> None:
        self._logger = logger

    def emit(self, call: Call, context: Context | None) -> None:
        """`context` ties the events to the call's span."""
        attributes = call_attributes(call)
        self._logger.emit(
            timestamp=call.timing.ended_unix_ns,
            context=context,
            severity_number=SeverityNumber.DEBUG,
            severity_text="DEBUG",
            attributes=attributes,
            event_name=names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
        )
        if call.failure is None:
            return
        described = {
            names.EXCEPTION_TYPE: call.failure.exception_type,
            names.EXCEPTION_MESSAGE: call.failure.message,
            names.EXCEPTION_STACKTRACE: call.failure.stacktrace,
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
