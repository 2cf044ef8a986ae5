"""The recording of an adapter's call. The seam makes it where the request goes by an SDK; elsewhere it is made here."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from typing import Any

from opentelemetry.trace import SpanContext

from firsttoken.adapter.plan import Plan
from firsttoken.adapter.wire import Said
from firsttoken.call import Outcome, Parameters
from firsttoken.call.timeline import NOTHING
from firsttoken.guard import guarded
from firsttoken.instrumentation import begin_call, observe_adapters, speaks_through_an_sdk
from firsttoken.observe.adapted import AdaptedCall, sending
from firsttoken.observe.current import attach, detach
from firsttoken.observe.recording import Overruling, Recording
from firsttoken.observe.stream import AsyncObserved, observed
from firsttoken.providers.wire import Reading, Tally, Wire


class Recorded:
    """Nothing in it raises but what the send itself raises."""

    __slots__ = ("_call", "_plan", "_said", "_started")

    def __init__(self, plan: Plan, said: Callable[[], Said], overruling: Overruling | None) -> None:
        self._plan = plan
        self._said = said
        self._call = AdaptedCall(overruling)
        self._started = 0

    @property
    def recording(self) -> Recording | None:
        return self._call.recording

    @property
    def span_context(self) -> SpanContext | None:
        return self._call.span_context

    @property
    def provider(self) -> str:
        """As the call's record names it; where there is none, as the wire does."""
        recording = self.recording
        return self._plan.wire.api.partition(".")[0] if recording is None else recording.request.provider

    @contextlib.contextmanager
    def sending(self, started: int) -> Generator[None]:
        """Around the send, which begins at `started` and is seen to be this call's."""
        self._started = started
        observe_adapters()
        if not speaks_through_an_sdk(self._plan.client):
            self._begin()
        call, token = self._call, None
        if call.by_adapter and call.recording is not None:
            token = attach(call.recording)
        try:
            with sending(call):
                yield
        finally:
            if token is not None:
                detach(token)
            call.note_span()

    def watched(self, chunks: Any) -> Any:
        """The iterator over a stream's chunks, or one in its place that records them too."""
        if self.recording is None:
            self._begin()
        return (self._observed(chunks) if self._call.by_adapter else None) or chunks

    def heard_content(self) -> None:
        """The chunk that has just come is the first with content. The seam sees that for itself."""
        recording = self.recording
        if self._call.by_adapter and recording is not None:
            recording.first_token = recording.first_token or recording.clock()

    def ended(self, outcome: Outcome, cause: BaseException | None) -> None:
        """Tells how the call ended, unless it has been seen to end before."""
        if self._started and self.recording is None:
            self._begin()
        if self.recording is not None:
            self.recording.finish(outcome, cause)

    def _begin(self) -> None:
        plan, call = self._plan, self._call
        wire = WireReadElsewhere(plan.wire.api, self._said)
        recording = begin_call(plan.client, wire, plan.arguments, since=self._started)
        if recording is not None:
            call.by_adapter = True
            call.recorded_by(recording)

    @guarded("watch a stream of an adapter")
    def _observed(self, chunks: Any) -> Any:
        recording = self.recording
        if recording is None:
            return None
        recording.streaming()
        return AsyncObserved(chunks, recording) if hasattr(chunks, "__anext__") else observed(chunks, recording)

    @guarded("see a stream of an adapter dropped")
    def __del__(self) -> None:
        if self._call.by_adapter and self.recording is not None:
            self.recording.abandon()


class WireReadElsewhere(Wire):
    """What the observer has to know of a wire whose stream is read by the adapter."""

    operation = "chat"
    tells_contents = False

    def __init__(self, api: str, said: Callable[[], Said]) -> None:
        self.api = api
        self._said = said

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        del asked
        return Parameters()

    def tally(self) -> Tally:
        return _TallyReadElsewhere(self._said)

    def read_answer(self, answer: object) -> Reading:
        del answer
        return Reading()


class _TallyReadElsewhere:
    carries: int = NOTHING

    def __init__(self, said: Callable[[], Said]) -> None:
        self._said = said

    def note(self, chunk: Any) -> bool:
        del chunk
        return False

    def reading(self) -> Reading:
        said = self._said()
        return Reading(said.response, said.usage, finished=said.finished, failure=said.failure)
