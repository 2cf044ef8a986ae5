"""One call while it runs: the marks taken on the caller's path, and the one place where it ends."""

from __future__ import annotations

import json
import time
import traceback
import weakref
from array import array
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Protocol

from firsttoken.call import Call, Failure, Outcome, Request, Timing
from firsttoken.guard import guarded
from firsttoken.observe.failure import error_message, error_type, outcome_of, stacktrace
from firsttoken.providers.wire import Reading, Tally, Wire

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

GAPS_HELD: Final = 512
"""How many inter-chunk times a recording holds before it hands them on, so that its size has a bound."""

CUT_SHORT: Final = Failure(type="incomplete_stream", message="the stream ended before its final event")
"""The connection was closed cleanly, but the answer had not come to its end."""


class Sink(Protocol):
    """Where recordings go."""

    def started(self, recording: Recording) -> None:
        """Opens the call's span, where it is to have one, and sets the recording's context."""
        ...

    # The next two are called on the caller's path for chunks, and in finalizers: they only enqueue.

    def gaps(self, recording: Recording, gaps_ns: array[int]) -> None: ...

    def finished(self, recording: Recording) -> None: ...


class Recording:
    """Marks are readings of one monotonic clock in nanoseconds; 0 is "not yet"."""

    __slots__ = (
        "__weakref__",
        "_gaps",
        "_once",
        "answer",
        "chunks",
        "clock",
        "consumer_wait",
        "context",
        "ended",
        "error",
        "first_chunk",
        "first_token",
        "handed",
        "headers",
        "hides_usage",
        "largest_gap",
        "last_chunk",
        "outcome",
        "reading",
        "request",
        "request_id",
        "resends",
        "sink",
        "source",
        "span",
        "start",
        "started_unix_ns",
        "status_code",
        "tally",
        "trace",
        "wants_span",
        "wire",
    )

    def __init__(self, request: Request, wire: Wire, sink: Sink, clock: Callable[[], int]) -> None:
        self.request = request
        self.wire = wire
        self.sink = sink
        self.clock = clock
        self.wants_span = True
        """False where the SDK's own span stands for the call."""
        self.span: Span | None = None
        self.context: Context | None = None
        """The context whose span the call's events belong to."""
        self.source: weakref.ref[Any] | None = None
        """The SDK's own generator behind the stream; weak, to add no cycle to those that the SDK avoids."""
        self.tally: Tally | None = None
        """Set once there is a stream to observe."""
        self.answer: object = None
        """A whole answer, as the SDK's object or as the bytes of its JSON."""
        self.status_code: int | None = None
        self.request_id: str | None = None
        self.hides_usage = False
        self.reading = False
        """Whether the caller waits for the provider right now."""
        self.resends = 0
        self.headers = self.first_chunk = self.first_token = self.last_chunk = 0
        self.handed = 0
        """When the caller last got control back: with the stream itself, then with each chunk."""
        self.chunks = self.largest_gap = self.consumer_wait = 0
        self._gaps = array("q")
        self.outcome = Outcome.COMPLETED
        self.error: BaseException | None = None
        self.trace: traceback.TracebackException | None = None
        self.ended = 0
        self._once = [None]
        self.started_unix_ns = time.time_ns()
        self.start = clock()

    def chunk(self, asked: int, arrived: int, chunk: object) -> None:
        """Takes in one chunk that the caller asked for at `asked` and that arrived at `arrived`."""
        self.consumer_wait += asked - self.handed
        self.handed = arrived
        last = self.last_chunk
        if last:
            wait = arrived - asked
            if wait > self.largest_gap:  # noqa: PLR1730  a comparison costs a fifth of a call to max
                self.largest_gap = wait
            self._gaps.append(arrived - last)
            if len(self._gaps) == GAPS_HELD:
                full, self._gaps = self._gaps, array("q")
                self.sink.gaps(self, full)
        else:
            self.first_chunk = arrived
        self.last_chunk = arrived
        self.chunks += 1
        if self.tally is not None and self.tally.note(chunk) and not self.first_token:
            self.first_token = arrived

    def hide_usage(self, chunk: object) -> bool:
        """Takes in a chunk that came only because we asked for usage. False for every other chunk."""
        if self.tally is None or not self.wire.is_usage_only(chunk):
            return False
        self.tally.note(chunk)
        return True

    def finish(self, outcome: Outcome, error: BaseException | None = None, at: int = 0) -> None:
        """Ends the call; only the first ending counts. Never raises and never blocks, so a finalizer may call it."""
        try:
            self._once.pop()
        except IndexError:
            return
        self.ended = at or self.clock()
        if self.handed and not self.reading:
            self.consumer_wait += self.ended - self.handed
        self.outcome = outcome
        if error is not None:
            self._take_error(error)
        self.sink.finished(self)

    def fail(self, error: BaseException) -> None:
        """Ends the call with what was raised to the caller."""
        self.finish(outcome_of(error), error)

    def abandon(self) -> None:
        """Ends the call as dropped by its caller, at the last moment anything was heard of it."""
        self.finish(Outcome.ABANDONED, at=max(self.last_chunk, self.headers, self.start))

    @guarded("keep an error")
    def _take_error(self, error: BaseException) -> None:
        # Only the frames are walked here; source lines are looked up when the text is made, off the caller's path.
        self.trace = traceback.TracebackException.from_exception(error, lookup_lines=False, compact=True)
        self.error = error

    def response_model(self) -> str | None:
        """The model that answers, as far as the stream has said."""
        return None if self.tally is None else self.tally.reading().response.model

    def gaps_left(self) -> array[int]:
        return self._gaps

    def streaming(self, headers: int, source: object) -> None:
        """The answer's headers are here, and its stream goes to the caller."""
        self.headers = self.handed = headers
        self.source = weakref.ref(source)
        self.tally = self.wire.tally()

    def closed_by_sdk(self) -> bool:
        """Whether it is the SDK's generator that closes the body right now, rather than the caller.

        The generator closes as it ends: while the caller waits for a chunk, or when it was dropped.
        """
        if self.source is None:
            return False
        source = self.source()
        return source is None or bool(getattr(source, "gi_running", False) or getattr(source, "ag_running", False))

    def call(self) -> Call:
        """The record of the ended call. Made once, off the caller's path."""
        said = self._said()
        outcome, failure = self.outcome, self._failure()
        if outcome is Outcome.COMPLETED and self.tally is not None and not said.finished:
            outcome, failure = Outcome.FAILED, CUT_SHORT
        reasons = said.response.finish_reasons
        if reasons is None and outcome is not Outcome.COMPLETED:
            reasons = ("error",)
        return Call(
            request=self.request,
            timing=self._timing(),
            outcome=outcome,
            response=replace(
                said.response, finish_reasons=reasons, request_id=self.request_id, status_code=self.status_code
            ),
            usage=said.usage,
            failure=failure,
            resend_count=self.resends,
        )

    def _said(self) -> Reading:
        return self._read() or Reading()

    @guarded("read an answer")
    def _read(self) -> Reading | None:
        if self.tally is not None:
            return self.tally.reading()
        answer = json.loads(self.answer) if isinstance(self.answer, bytes) else self.answer
        return None if answer is None else self.wire.read_answer(answer)

    def _timing(self) -> Timing:
        duration = max(self.ended - self.start, 0)
        streamed = self.tally is not None
        return Timing(
            started_unix_ns=self.started_unix_ns,
            duration_ns=duration,
            headers_ns=self._since_start(self.headers),
            first_chunk_ns=self._since_start(self.first_chunk),
            first_token_ns=self._since_start(self.first_token),
            last_chunk_ns=self._since_start(self.last_chunk),
            chunk_count=self.chunks if streamed else None,
            largest_gap_ns=self.largest_gap if self.chunks > 1 else None,
            provider_wait_ns=duration - self.consumer_wait if streamed else duration,
            consumer_wait_ns=self.consumer_wait if streamed else None,
        )

    def _since_start(self, mark: int) -> int | None:
        return mark - self.start if mark else None

    def _failure(self) -> Failure | None:
        error = self.error
        if error is None or not self.outcome.is_error:
            return None
        return Failure(
            type=error_type(error),
            message=error_message(error),
            exception_type=f"{type(error).__module__}.{type(error).__qualname__}",
            stacktrace=None if self.trace is None else stacktrace(self.trace),
        )
