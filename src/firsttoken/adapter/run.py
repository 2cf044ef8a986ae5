"""The course of one stream: what was seen of it, and how it ended. It waits for nothing: that the two shells do."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, Final

from opentelemetry.trace import format_span_id, format_trace_id

from firsttoken.adapter.common_error import failed, llm_error
from firsttoken.adapter.events import Event, Other
from firsttoken.adapter.plan import Plan
from firsttoken.adapter.recorded import Recorded
from firsttoken.adapter.result import StreamResult, StreamTiming
from firsttoken.adapter.silence import Silence, is_content
from firsttoken.adapter.wire import EventReader, Said
from firsttoken.call import Failure, Outcome, Response, Stage
from firsttoken.call.content import Reasoning
from firsttoken.call.error_meaning import STAGES
from firsttoken.errors import LLMEmptyResponseError, LLMSilenceError
from firsttoken.guard import note_trouble
from firsttoken.observe.failure import CUT_SHORT, as_told, outcome_of
from firsttoken.observe.recording import Overruling

log = logging.getLogger("firsttoken")

UNREADABLE: Final = Said(finished=True)
"""Of an answer whose reader fails: nothing is known of it, that it was cut short as little as anything else."""

CALLBACK: Final = "call on_event"
"""The step under which callbacks that fail are counted."""


class Run:
    """Marks are readings of `perf_counter_ns`; 0 is "not yet"."""

    __slots__ = (
        "__weakref__",
        "_callback_failed",
        "_ended",
        "_first_event",
        "_first_token",
        "_headers",
        "_on_event",
        "_once",
        "_outcome",
        "_read",
        "_reader",
        "_recorded",
        "_result",
        "_said",
        "_started",
        "error",
        "plan",
        "silence",
        "stream",
        "time_is_up",
    )

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stream: Any = None
        """The SDK's own, once it is there."""
        self.silence = None if plan.silence_s is None else Silence(round(plan.silence_s * 1e9), time.perf_counter_ns)
        self.error: Exception | None = None
        self._reader = plan.wire.reader(frozenset(plan.needs_approval))
        self._read = self._reader.read
        self._said = partial(_said_by, self._reader)
        self._on_event = plan.on_event
        self._callback_failed = False
        self.time_is_up: Callable[[], bool] | None = None
        """Whether a wait is being broken off because of the silence."""
        self._recorded = Recorded(plan, self._said, None if self.silence is None else _overruling(self))
        self._once = [None]
        self._outcome: Outcome | None = None
        self._result: StreamResult | None = None
        self._started = self._headers = self._first_event = self._first_token = self._ended = 0

    @property
    def ended(self) -> bool:
        return self._outcome is not None

    def sending(self) -> AbstractContextManager[None]:
        """Around the send, which is the call's beginning and may be its end."""
        self._started = time.perf_counter_ns()
        if self.silence is not None:
            self.silence.begins()
        return self._recorded.sending(self._started)

    def answered(self, stream: Any) -> None:
        """Takes in the SDK's stream."""
        self.stream = stream
        self._headers = time.perf_counter_ns()
        if self.silence is not None:
            self.silence.breaks()

    def watched(self, chunks: Any) -> Any:
        """The iterator over its chunks, or what is to be read in its place."""
        return self._recorded.watched(chunks)

    def take(self, chunk: Any) -> Sequence[Event]:
        """The events of a chunk. This runs for every chunk."""
        try:
            events = self._read(chunk)
        except Exception:  # noqa: BLE001  the stream goes on with the chunk as it came
            note_trouble("read a chunk")
            events = (Other("unreadable", chunk),)
        if not self._first_token:
            self._note_first(events)
        if self.silence is not None:
            self.silence.ends(events)
        if self._on_event is not None:
            self._tell(events)
        return events

    def _note_first(self, events: Sequence[Event]) -> None:
        now = time.perf_counter_ns()
        self._first_event = self._first_event or now
        if any(map(is_content, events)):
            self._first_token = now
            self._recorded.heard_content()

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            try:
                self._on_event(event)  # pyright: ignore[reportOptionalCall]  asked for where this is called
            except Exception:
                note_trouble(CALLBACK)
                if not self._callback_failed:
                    self._callback_failed = True
                    log.warning("on_event of a firsttoken stream fails; the stream goes on", exc_info=True)

    def overdue(self) -> bool:
        """Whether the silence has been longer than its limit."""
        return self.silence is not None and self.silence.left_ns() <= 0

    def too_silent(self) -> LLMSilenceError:
        """The error for it."""
        stage = Stage.MID_STREAM if self._headers else Stage.HEADERS
        provider, response = self._recorded.provider, self._response(Said())
        return LLMSilenceError(
            f"{provider} said nothing for {self.plan.silence_s:g} s {STAGES[stage]}, so the stream was closed. "
            "Trying again may help; so may a longer silence_s.",
            provider=provider,
            status=response.status_code,
            request_id=response.request_id,
            stage=stage.value,
        )

    def end(self, outcome: Outcome, error: Exception | None = None, cause: BaseException | None = None) -> None:
        """Only the first end counts. `error` is what the reader gets, `cause` what the call's record tells of."""
        try:
            self._once.pop()
        except IndexError:
            return
        self._ended = time.perf_counter_ns()
        self.error, self._outcome = error, outcome
        self._recorded.ended(outcome, cause or error)

    def exhausted(self) -> Exception | None:
        """The stream has come to its end. Returns what is to be raised, where that is no good end."""
        said = self._said()
        failure = _failure_of(said)
        if failure is not None:
            self.end(Outcome.FAILED, failed(failure, provider=self._recorded.provider, response=self._response(said)))
        else:
            self.end(Outcome.COMPLETED, self._empty(said) if self.plan.raise_on_empty and is_empty(said) else None)
        return self.error

    def broke(self, error: BaseException) -> BaseException | None:
        """The send or the reading raised this. Returns what is to be raised; None where the stream was closed."""
        if not isinstance(error, Exception):
            self.end(outcome_of(error), cause=error)
            return error
        if self.ended:
            return self.error
        answering = self._headers > 0
        response = self._response(self._said())
        common = llm_error(error, provider=self._recorded.provider, answering=answering, response=response)
        self.end(outcome_of(error), common, error)
        return common

    def left(self, error: BaseException | None) -> None:
        """The application leaves a stream that it has not read to its end, with this exception under way."""
        cancelled = error is not None and not isinstance(error, Exception | GeneratorExit)
        self.end(Outcome.CANCELLED if cancelled else Outcome.CLOSED, cause=error if cancelled else None)

    def result(self) -> StreamResult:
        if self._result is not None:
            return self._result
        ended, span = self.ended, self._recorded.span_context
        said = self._said()
        result = StreamResult(
            requested_model=self.plan.model,
            text=said.text,
            reasoning=said.reasoning,
            tool_calls=said.tool_calls,
            parts=said.parts,
            usage=said.usage,
            response=self._response(said),
            message_id=said.message_id,
            timing=self._timing(),
            outcome=self._outcome,
            error=self.error,
            trace_id=None if span is None else format_trace_id(span.trace_id),
            span_id=None if span is None else format_span_id(span.span_id),
        )
        if ended:
            self._result = result
        return result

    def _response(self, said: Said) -> Response:
        recording = self._recorded.recording
        if recording is None:
            return said.response
        return replace(
            said.response,
            request_id=said.response.request_id or recording.request_id,
            status_code=said.response.status_code or recording.status_code,
        )

    def _timing(self) -> StreamTiming:
        return StreamTiming(
            headers_s=self._since_start(self._headers),
            first_event_s=self._since_start(self._first_event),
            first_token_s=self._since_start(self._first_token),
            duration_s=self._since_start(self._ended),
        )

    def _since_start(self, mark: int) -> float | None:
        return (mark - self._started) / 1e9 if mark and self._started else None

    def _empty(self, said: Said) -> LLMEmptyResponseError:
        response = self._response(said)
        return LLMEmptyResponseError(
            f"{self._recorded.provider} answered with neither text nor a tool call"
            f" (finish reason {next(iter(response.finish_reasons or ()), 'unknown')}). Trying again may help.",
            provider=self._recorded.provider,
            status=response.status_code,
            request_id=response.request_id,
            stage="mid_stream",
        )


def _said_by(reader: EventReader) -> Said:
    """That a reader fails is no failure of the call."""
    try:
        return reader.said()
    except Exception:  # noqa: BLE001  whatever it is, the stream itself goes on
        note_trouble("read what a stream has said")
        return UNREADABLE


def _overruling(run: Run) -> Overruling:
    """What ends a call whose reader is broken off. It does not keep the run alive, which may be dropped."""
    weak = weakref.ref(run)

    def ended_by() -> BaseException | None:
        running = weak()
        if running is None or running.time_is_up is None or not running.time_is_up():
            return None
        return running.too_silent()

    return ended_by


def is_empty(said: Said) -> bool:
    """Whether an answer has nothing but reasoning at most."""
    if said is UNREADABLE or said.text or said.tool_calls:
        return False
    return all(isinstance(part, Reasoning) for part in said.parts)


def _failure_of(said: Said) -> Failure | None:
    """What makes an answer that has come to its end a failed one. The call's record is judged by the same."""
    if said.failure is not None:
        return as_told(said.failure, answering=True)
    return None if said.finished else CUT_SHORT
