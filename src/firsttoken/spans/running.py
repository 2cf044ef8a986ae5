"""One span of the application's work while that goes on: current while it runs, and ended once."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from contextvars import Token
from types import TracebackType
from typing import Final

from opentelemetry import context as otel
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import INVALID_SPAN, Span, set_span_in_context

from firsttoken.call import Failure, Outcome
from firsttoken.contexts.block import NOTHING, inside
from firsttoken.contexts.captured import captured
from firsttoken.export.last_things import do_last
from firsttoken.export.outbox import OUTBOX
from firsttoken.guard import guarded
from firsttoken.losses import note_loss, open_way
from firsttoken.observe.agent import AgentAtWork, agent_at_work, at_work
from firsttoken.observe.failure import failure_of, frames_of, outcome_of
from firsttoken.observe.keys import keys_behind
from firsttoken.semconv import names
from firsttoken.semconv.context import context_attributes
from firsttoken.spans.destination import Destination, destination
from firsttoken.spans.ended import Ended
from firsttoken.spans.shape import Shape
from firsttoken.spans.tool_content import NOTHING as NOTHING_GIVEN
from firsttoken.spans.tool_content import tool_content

Arguments = Callable[[], object]
"""Gives what a tool was given, where anybody asks for it."""

NO_MORE: Final = (StopIteration, StopAsyncIteration)
"""What a method raises that has no more to give."""


class Running:
    """What a `with` block gets. Nothing here raises."""

    __slots__ = ("__weakref__", "_ended", "_token", "result", "span", "within")

    def __init__(self) -> None:
        self.span: Span = INVALID_SPAN
        """OpenTelemetry's own, for attributes and events of the application's; the invalid one where there is none."""
        self.result: object = NOTHING_GIVEN
        """What a tool gave. It is recorded only where content is captured."""
        self.within: Context | None = None
        """The context of the work, as it was when it was last left."""
        self._token: Token[Context] | None = None
        self._ended: Ended | None = None
        """What its end will say; None where nobody is told."""

    def begin(self, shape: Shape, to: Destination, within: Context, arguments: Arguments) -> None:
        OUTBOX.ready()
        open_way("work")
        around = agent_at_work()
        attributes = {**context_attributes(captured(within)), **shape.attributes}
        if shape.operation == "execute_tool" and around is not None:
            around.count_tool()
            if around.name is not None:
                attributes[names.GEN_AI_AGENT_NAME] = around.name
        ended = Ended(to, shape.operation, attributes, time.time_ns(), time.perf_counter_ns(), os.getpid())
        if shape.operation == "execute_tool":
            ended.content = tool_content(to.levels, arguments)
        tracer = to.tracer()
        if tracer is not None:
            span = tracer.start_span(
                shape.name, within, kind=shape.kind, attributes=attributes, start_time=ended.started_unix_ns
            )
            self.span = ended.span = span
            within = set_span_in_context(span, within)
        ended.context = within
        if shape.operation == "invoke_agent":
            ended.agent = AgentAtWork(shape.agent)
            within = at_work(ended.agent, within)
        self.within, self._ended = within, ended
        OPEN.add(self)

    @guarded("make a span current")
    def resume(self) -> None:
        if self.within is not None:
            self._token = otel.attach(self.within)

    @guarded("restore the context")
    def suspend(self) -> None:
        """What the work itself has made current is its own, and will be there when it goes on."""
        token, self._token = self._token, None
        if token is not None:
            self.within = otel.get_current()
            # Not by `otel.detach`: what is closed elsewhere has lost its context, and it would log an error.
            with suppress(ValueError):
                token.var.reset(token)

    @property
    def is_here(self) -> bool:
        """Whether its context is the current one."""
        return self.within is otel.get_current()

    @guarded("end a span")
    def end(self, error: BaseException | None = None) -> Ended | None:
        """With what was raised to the caller, if anything was. Only the first end counts, and is told."""
        outcome = _outcome(error)
        if error is None or not outcome.is_error:
            return self.end_as(outcome)
        if self._ended is not None:
            self._ended.frames, self._ended.keys = frames_of(error), keys_behind(error)
        return self.end_as(outcome, failure_of(error, answering=False))

    def end_as(self, outcome: Outcome, failure: Failure | None = None) -> Ended | None:
        OPEN.discard(self)
        ended, self._ended, self.within = self._ended, None, None
        if ended is None or ended.process != os.getpid():
            return None  # Another process's span is its own to end.
        ended.duration_ns = time.perf_counter_ns() - ended.start
        ended.outcome, ended.failure = outcome, failure
        if ended.content is not None:
            ended.content.gave(self.result)
        if not OUTBOX.put(ended.emit):
            note_loss("spans", "queue_full")
        return ended

    def __enter__(self) -> Running:
        self.resume()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.suspend()
        self.end(error)


OPEN: Final[weakref.WeakSet[Running]] = weakref.WeakSet()
"""Those that have begun and not ended."""


def abandon_all() -> None:
    """The process ends, and nobody will come to leave what is open."""
    for running in OPEN.copy():
        running.end_as(Outcome.ABANDONED)


do_last(abandon_all)


@guarded("start a span")
def started(shape: Shape, within: Context | None = None, arguments: Arguments | None = None) -> Running | None:
    """A span that has begun, in the current context or another. Never raises.

    None where nobody would get it, unless something is said of the calls inside, which may be observed later.
    """
    to = destination()
    if to is not None and not is_instrumentation_enabled():
        to = None
    if to is None and shape.said is NOTHING:
        return None
    running = Running()
    current = otel.get_current() if within is None else within
    running.within = current if shape.said is NOTHING else inside(shape.said, current)
    if to is not None:
        running.begin(shape, to, running.within, arguments or (lambda: shape.arguments))
    return running


def _outcome(error: BaseException | None) -> Outcome:
    if error is None or isinstance(error, NO_MORE):
        return Outcome.COMPLETED
    return Outcome.CLOSED if isinstance(error, GeneratorExit) else outcome_of(error)
