"""What the end of a span says, and how it goes out, on the background thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from traceback import TracebackException
from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, Span, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from firsttoken.call import Failure, Outcome
from firsttoken.call.timing import last_moment
from firsttoken.guard import guarded
from firsttoken.observe.agent import AgentAtWork
from firsttoken.observe.failure import stacktrace, tellable
from firsttoken.semconv import names, own
from firsttoken.spans.destination import Destination
from firsttoken.spans.tool_content import ToolContent

EVENT_EXCEPTION: Final = "exception"
"""As the core conventions name it."""


@dataclass(slots=True)
class Ended:
    """Filled in on the caller's path, and read off it once the work has ended."""

    to: Destination
    operation: str | None
    attributes: dict[str, AttributeValue]
    started_unix_ns: int
    start: int
    process: int
    span: Span = INVALID_SPAN
    context: Context = field(default_factory=Context)
    """The one whose span this is, for exemplars."""
    agent: AgentAtWork | None = None
    content: ToolContent | None = None
    """What a tool was given and gave, where that is captured."""
    duration_ns: int = 0
    outcome: Outcome = Outcome.COMPLETED
    failure: Failure | None = None
    frames: TracebackException | None = None
    keys: tuple[str, ...] = ()
    """Those of clients that may stand in an error."""

    def emit(self) -> None:
        if self.failure is not None:
            self.failure = self._tellable(self.failure) or Failure(self.failure.type, "")
        self._end_span()
        self._record_metrics()

    @guarded("take credentials out of an error")
    def _tellable(self, failure: Failure) -> Failure:
        trace = None if self.frames is None else stacktrace(self.frames)
        return tellable(replace(failure, stacktrace=trace), self.keys)

    @guarded("end a span")
    def _end_span(self) -> None:
        span = self.span
        try:
            if span.is_recording():
                span.set_attribute(own.OUTCOME, str(self.outcome))
                self._tell_content()
                self._tell_failure()
        finally:
            span.end(self.started_unix_ns + self.duration_ns)

    @guarded("write what a tool was given and gave")
    def _tell_content(self) -> None:
        if self.content is not None:
            self.span.set_attributes(self.content.attributes(self.to.keeping))

    def _tell_failure(self) -> None:
        failure = self.failure
        if failure is None:
            return
        self.span.set_attribute(names.ERROR_TYPE, failure.type)
        self.span.set_status(Status(StatusCode.ERROR, failure.message))
        if failure.stacktrace is None:
            return
        described = {
            names.EXCEPTION_TYPE: failure.exception_type or failure.type,
            names.EXCEPTION_MESSAGE: failure.message,
            names.EXCEPTION_STACKTRACE: failure.stacktrace,
        }
        self.span.add_event(EVENT_EXCEPTION, described, last_moment(self.started_unix_ns, self.duration_ns))

    @guarded("record a span's metrics")
    def _record_metrics(self) -> None:
        if self.operation is None or (metrics := self.to.metrics()) is None:
            return
        error = {} if self.failure is None else {names.ERROR_TYPE: self.failure.type}
        metrics.record(self.operation, self.duration_ns / 1e9, {**self.attributes, **error}, self.context)
        if self.agent is not None:
            metrics.record_calls(self.agent, self.context)
