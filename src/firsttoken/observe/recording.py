"""One call while it runs: the marks taken on the caller's path, and the one place where it ends."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final, Protocol

from firsttoken.call import Attempt, Call, Failure, Outcome, Portion, Request
from firsttoken.guard import guarded
from firsttoken.observe.arrivals import Arrivals
from firsttoken.observe.captured import Captured
from firsttoken.observe.ended import call_of
from firsttoken.observe.failure import failure_of, frames_of, outcome_of
from firsttoken.observe.pace import Pace
from firsttoken.observe.silence import Silence, Stage, stage_of
from firsttoken.observe.weight import Weight
from firsttoken.privacy.policy import Levels
from firsttoken.providers.wire import Tally, Wire

if TYPE_CHECKING:
    from traceback import TracebackException

    from opentelemetry.context import Context
    from opentelemetry.trace import Span

ATTEMPTS_HELD: Final = 100
"""How many failed attempts a recording holds. Nobody retries as often but by mistake."""

MARKS_HELD: Final = 512
"""How many marks a recording holds, two for each chunk, before it hands them on, so that its size has a bound."""


Overruling = Callable[[], BaseException | None]
"""Gives what has ended a call, where it is not what its caller was seen to get: a time limit may have cancelled him."""


class Sink(Protocol):
    """Where recordings go."""

    def started(self, recording: Recording) -> None:
        """Opens the call's span, where it wants one, and sets the recording's span and context."""
        ...

    # The next two are called on the caller's path for chunks, and in finalizers: they only enqueue.

    def gaps(self, recording: Recording) -> None:
        """The recording has inter-chunk times to give."""
        ...

    def finished(self, recording: Recording) -> None: ...


class Recording:
    """Marks are readings of one monotonic clock in nanoseconds; 0 is "not yet"."""

    __slots__ = (
        "__weakref__",
        "_first",
        "_full",
        "_gaps",
        "_handed_on",
        "_handed_over",
        "_model",
        "_once",
        "after_last",
        "answer",
        "answer_headers",
        "arrivals",
        "attempts",
        "attempts_failed",
        "captured",
        "clock",
        "complaint",
        "context",
        "ended",
        "failure",
        "first_token",
        "frames",
        "given_up",
        "headers",
        "heard",
        "hidden",
        "hides_usage",
        "keys",
        "marks",
        "offers_tools",
        "outcome",
        "overruling",
        "pace",
        "portions",
        "request",
        "request_id",
        "silence",
        "sink",
        "span",
        "start",
        "started_unix_ns",
        "status_code",
        "take",
        "tally",
        "unread",
        "wants_span",
        "weight",
        "wire",
    )

    def __init__(self, request: Request, wire: Wire, sink: Sink, clock: Callable[[], int]) -> None:  # noqa: PLR0915
        self.request = request
        self.wire = wire
        self.sink = sink
        self.clock = clock
        self.wants_span = True
        """False where the SDK's own span stands for the call."""
        self.span: Span | None = None
        self.context: Context | None = None
        """The context whose span the call's events belong to."""
        self.tally: Tally | None = None
        """Set once there is a stream to observe."""
        self.take: Callable[[Any], bool] = _ignore
        """The tally's `note`."""
        self.answer: object = None
        """A whole answer, as the SDK's object, as the bytes of its JSON, or as a function that gives these bytes."""
        self.captured: Captured | None = None
        """What is said, where content is captured."""
        self.keys: Callable[[], tuple[str, ...]] = _no_keys
        """Gives those of the caller's client, which may stand in nothing that is told. Off the caller's path."""
        self.portions: Collection[Portion] = ()
        """What is billed apart, where one price does not do for the whole usage. Known once the call is made."""
        self.complaint: Failure | None = None
        """What an error event said to a caller who reads the events himself. The SDK would have raised it."""
        self.status_code: int | None = None
        self.request_id: str | None = None
        self.answer_headers: Any = None
        """Those of the answer that counts, as the HTTP client's object."""
        self.weight = Weight()
        self.hidden = self.unread = 0
        """Chunks that were kept from the caller, and those that could not be taken in."""
        self.hides_usage = False
        self.offers_tools = True
        """Whether the answer may have calls of tools."""
        self.given_up = 0
        """When a wait of the caller was cancelled that he may take up again; 0 is "not", or "he did"."""
        self.overruling: Overruling | None = None
        self.attempts: list[Attempt] = []
        """Those that failed and were followed by another, as many as are kept."""
        self.attempts_failed = 0
        self.headers = self.heard = self.first_token = 0
        self.pace = Pace()
        """Of the chunks whose marks were worked on: in an ended call's record, of all."""
        self.arrivals: Arrivals | None = None
        """Where a timeline is wanted."""
        self.silence: Silence | None = None
        """Where stalls are looked for."""
        self.after_last: int | None = None
        """How long the caller had its last chunk, or the stream, without asking for another. Known at the end."""
        self.marks: list[int] = []
        """For each chunk, when the caller asked for it and when it arrived."""
        self._full: deque[list[int]] = deque()
        """Marks to work on, off the caller's path."""
        self._first = self._handed_on = self.ended = 0
        """When the first chunk of these arrived and the last one, and when the call ended."""
        self._handed_over = (0, 0)
        """How many they were, and how many of them the list may still hold."""
        self._gaps: list[int] = []
        self._model: str | None = None
        self.outcome = Outcome.COMPLETED
        self.failure: Failure | None = None
        self.frames: TracebackException | None = None
        self._once = [None]
        self.started_unix_ns = time.time_ns()
        self.start = clock()

    @property
    def levels(self) -> Levels:
        """How much of what is said may be told."""
        return Levels() if self.captured is None else self.captured.levels

    @property
    def reading(self) -> bool:
        """Whether the caller waits for a chunk right now."""
        return len(self.marks) % 2 == 1

    @property
    def chunks_so_far(self) -> int | None:
        """None for a call whose answer is no stream. From any thread, and while the stream goes on."""
        return self._marked() // 2 if self.request.stream else None

    def _marked(self) -> int:
        """How many marks there have been. While they are handed on, they stand in one place, in both, or have just
        left the list."""
        while True:
            handed_over, held = self._handed_over, len(self.marks)
            if handed_over is self._handed_over:
                count, twice = handed_over
                return count + held - (twice if held >= twice else 0)

    @property
    def first_chunk_ns(self) -> int | None:
        """After the start; None while there is none. Likewise."""
        held = next(iter(self.marks[1:2]), 0)
        first = self._first or held or self.pace.first
        return first - self.start if first else None

    def date_back(self, start: int) -> None:
        """For a call that had begun before anybody could tell."""
        self.started_unix_ns -= self.start - start
        self.start = start

    def streaming(self) -> None:
        """The answer's headers are here, and its stream goes to the caller."""
        self.headers = self.headers or self.clock()
        self.listening(self.headers)

    def listening(self, since: int) -> None:
        """From now on chunks may come: the caller got control back at `since`."""
        self.pace.handed = since
        if self.silence is not None:
            self.silence.since = since
        tally = self.wire.tally() if self.offers_tools else self.wire.tally_without_tools()
        self.tally = tally if self.captured is None else self.captured.taking_in(tally)
        self.take = self.tally.note

    def retry(self, attempt: Attempt) -> None:
        """Takes in an attempt that failed, and after which the SDK means to try again."""
        self.attempts_failed += 1
        if len(self.attempts) < ATTEMPTS_HELD:
            self.attempts.append(attempt)

    def chunk(self, asked: int, arrived: int, chunk: object) -> None:
        """Takes in one chunk that the caller asked for at `asked` and that arrived at `arrived`."""
        self.marks += (asked, arrived)
        if self.take(chunk):
            self.turn()
        if len(self.marks) >= MARKS_HELD:
            self.hand_on()

    @property
    def arrived(self) -> int:
        """When the last chunk arrived; 0 where another thread has ended the call and taken the marks away."""
        marks = self.marks
        return marks[-1] if marks else 0

    def turn(self) -> None:
        """The chunk that has just arrived carried something else than the one before it."""
        arrived, tally = self.arrived, self.tally
        if not arrived or tally is None:
            return
        carries = tally.carries
        if carries and not self.first_token and not self.wire.replays:
            self.first_token = arrived
        if self.arrivals is not None:
            self.arrivals.turn(self._marked() // 2 - 1, carries)

    def look(self, now: int) -> Stage | None:
        """Has the next chunks looked at, and says where in the stream it now stalls, once. Off the caller's path."""
        silence, tally = self.silence, self.tally
        if silence is None or tally is None or self.ended:
            return None
        self.take = self._take_and_look
        if not silence.lasts(self.marks.copy(), now):
            return None
        stage = stage_of(silence.told_since, self.first_token)
        silence.tell(stage)
        return stage

    def _take_and_look(self, chunk: Any) -> bool:
        """Takes in a chunk, and goes on looking until there is progress."""
        silence, tally = self.silence, self.tally
        if silence is None or tally is None:
            return False
        self.take = tally.note
        heard = tally.note(chunk)
        if not self.wire.is_progress(chunk):
            silence.keep_alives.add(self.arrived)
            self.take = self._take_and_look
        return heard

    def hand_on(self) -> None:
        """Empties the list of marks between two chunks. It stays the same list."""
        if self.ended:
            return  # Whoever reads on what had come before he closed the stream marks a list that nobody reads.
        full = self.marks.copy()
        self._first, self._handed_on = self._first or full[1], full[-1]
        count = self._handed_over[0] + len(full)
        self._handed_over = (count, len(full))
        self.marks.clear()
        self._handed_over = (count, 0)
        self._full.append(full)
        self.sink.gaps(self)

    @guarded("hide usage")
    def hide_usage(self, chunk: Any) -> bool:
        """Takes in a chunk that came only because we asked for usage. False for every other chunk, which is then as if
        nobody had asked."""
        if not self.wire.is_usage_only(chunk):
            self.wire.hide_question(chunk)
            return False
        self.hidden += 1
        if self.tally is not None:
            self.tally.note(chunk)
        return True

    def finish(self, outcome: Outcome, error: BaseException | None = None, at: int = 0) -> None:
        """Ends the call; only the first ending counts. Never raises and never blocks, so a finalizer may call it."""
        try:
            self._once.pop()
        except IndexError:
            return
        self._end(outcome, error, at)

    def fail(self, error: BaseException) -> None:
        """Ends the call with what was raised to the caller. Never raises."""
        error = (None if self.overruling is None else _overruled(self.overruling)) or error
        self.finish(_judged(error) or Outcome.FAILED, error)

    def abandon(self) -> None:
        """Ends the call as dropped by its caller, at the last moment anything was heard of it, or as cancelled when he
        gave it up."""
        if self.given_up:
            self.finish(Outcome.CANCELLED, at=self.given_up)
            return
        self.finish(Outcome.ABANDONED, at=self._last_heard() or 0)

    @guarded("tell when a call was last heard of")
    def _last_heard(self) -> int:
        return max(self._last_chunk(), self.heard, self.headers, self.start)

    def _last_chunk(self) -> int:
        """When the last chunk arrived; 0 is "not yet"."""
        arrived = self.marks[1::2]
        return arrived[-1] if arrived else self._handed_on

    def disown(self) -> None:
        """Leaves the call to another process: this one never ends it."""
        self._once.clear()

    @guarded("end a call")
    def _end(self, outcome: Outcome, error: BaseException | None, at: int) -> None:
        self.ended = at or self.clock()
        if self.after_last is None:
            self.after_last = 0 if self.reading else self.ended - (self._last_chunk() or self.pace.handed)
        self.outcome = outcome
        if error is not None and outcome.is_error:
            self._keep(error)
        self.weight.settle()
        self.sink.finished(self)

    @guarded("keep an error")
    def _keep(self, error: BaseException) -> None:
        """Keeps what the error says, and not the error: that holds its frames, and these the caller's own objects."""
        self.failure = failure_of(error, answering=self.headers > 0 or self._last_chunk() > 0)
        self.frames = frames_of(error)

    def bodies(self) -> tuple[object, object]:
        """The request and the answer in the words of the wire, where these are captured. Once the call is made."""
        return (None, None) if self.captured is None else self.captured.bodies(self.answer)

    def response_model(self) -> str | None:
        """The model that answers, as the stream has first said. Off the caller's path."""
        if self._model is None and self.tally is not None:
            self._model = self.tally.reading().response.model
        return self._model

    def call(self) -> Call:
        """The record of the ended call. Made once, off the caller's path."""
        last, self.marks = self.marks, []
        self._full.append(last)
        self._keep_pace()
        if self.silence is not None and self.tally is not None:
            self.silence.end(self.ended - last[-1] if len(last) % 2 else 0, self.first_token)
        return call_of(self)

    def untold_stalls(self) -> dict[str, int]:
        """By where in the ended stream they were."""
        return {} if self.silence is None else self.silence.untold()

    def gaps(self) -> list[int]:
        """The inter-chunk times since this was last asked; after `call`, up to the end. Off the caller's path."""
        self._keep_pace()
        gaps, self._gaps = self._gaps, []
        return gaps

    def _keep_pace(self) -> None:
        while self._full:
            marks = self._full.popleft()
            since = self.pace.handed
            self._gaps += self.pace.take(marks)
            self._keep_steps(since)
            if self.silence is not None and len(marks) > 1:
                self.silence.take(marks, self.pace.longest, self.first_token)

    def _keep_steps(self, since: int) -> None:
        """`since` is when the caller had control before the first of them."""
        steps = self.pace.steps
        if self.arrivals is not None and steps:
            if self.pace.chunks == len(steps) // 2:
                steps[0] += since - self.start
            self.arrivals.take(steps)

    def forget(self) -> None:
        """Lets go of everything that belongs to the caller: it may hold on to its stream for long."""
        self.take, self.keys = _ignore, _no_keys
        self.tally = self.answer = self.captured = self.failure = self.frames = self.span = self.context = None
        self.overruling = self.arrivals = None


@guarded("judge an error")
def _judged(error: BaseException) -> Outcome:
    return outcome_of(error)


@guarded("see what has ended a call")
def _overruled(overruling: Overruling) -> BaseException | None:
    return overruling()


def _no_keys() -> tuple[str, ...]:
    return ()


def _ignore(chunk: object) -> bool:
    del chunk
    return False
