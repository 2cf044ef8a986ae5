"""What is said on one WebSocket: a recording for each response, from its request to its end.

A cancelled wait ends nothing, for the SDK says that the caller may wait again. The calls that then still run end when
the socket does.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import context

from firsttoken.call import Outcome
from firsttoken.guard import guarded
from firsttoken.observe.current import attach, detach
from firsttoken.observe.failure import outcome_of
from firsttoken.observe.recording import Recording
from firsttoken.observe.websocket.idle import Idle
from firsttoken.observe.websocket.lanes import Lanes
from firsttoken.observe.websocket.library import address_of, closed_cleanly, decoded, header_of
from firsttoken.observe.websocket.turn import Turn
from firsttoken.providers.fields import items, text

if TYPE_CHECKING:
    from firsttoken.observe.seam import Seam

CONTENT: Final = frozenset({"input", "instructions", "prompt", "tools"})
"""What of a request is kept only where content is captured."""


class Talk:
    """Sees every message once, on its way. Never raises."""

    def __init__(self, seam: Callable[[], Seam | None], socket: Any, clock: Callable[[], int]) -> None:
        self._seam = seam
        """What observes at the moment, if anything does."""
        self._socket = socket
        self._clock = clock
        self._idle = Idle(clock())
        self._lanes = Lanes(self._follow)
        self._given_up = False
        self.client: Any = None
        """Whose connection it is, where that is known."""

    @contextlib.contextmanager
    def sending(self, message: object) -> Generator[None]:
        """Makes the span of the call that this message begins, if it does, current for the send."""
        turn = self._take_down(message) or Turn()
        token = None if turn.recording is None else attach(turn.recording)
        try:
            yield
        except BaseException as error:
            self._not_sent(turn, error)
            raise
        finally:
            if token is not None:
                detach(token)
            self._leave(turn)

    @guarded("see a wait for a message")
    def wait(self) -> None:
        """Somebody waits for a message, until `heard` or `failed`."""
        self._idle.comes(self._clock())
        if self._given_up:
            self._given_up = False
            for turn in self._lanes.open():
                turn.go_on()

    @guarded("take in a message")
    def heard(self, message: object) -> None:
        now = self._clock()
        self._idle.leaves(now)
        if self._lanes.known and (event := decoded(message)):
            turn = self._lanes.turn_of(event)
            if turn is not None:
                turn.take(event, now, self._idle.until(now))

    @guarded("see a wait that failed")
    def failed(self, error: BaseException) -> None:
        now = self._clock()
        self._idle.leaves(now)
        if (clean := closed_cleanly(error)) is not None:
            for recording in self._standing_still(now):
                if clean:
                    recording.finish(Outcome.COMPLETED)
                else:
                    recording.fail(error)
            self._lanes.clear()
        elif outcome_of(error) is Outcome.CANCELLED:
            self._given_up = True
            for recording in self._standing_still(now):
                recording.given_up = now

    @guarded("see a socket close")
    def close(self) -> None:
        """The caller closes the socket: unless a cancelled wait is what makes him, that is how the calls end."""
        now, broken_off = self._clock(), sys.exception() is not None
        for turn in self._lanes.open():
            given_up = turn.recording is not None and turn.recording.given_up
            if not (broken_off and given_up) and (recording := turn.stand_still(self._idle.until(now))) is not None:
                recording.finish(Outcome.CLOSED)
        self.drop()

    @guarded("see a socket dropped")
    def drop(self) -> None:
        for turn in self._lanes.open():
            if turn.recording is not None:
                turn.recording.abandon()
        self._lanes.clear()

    def _standing_still(self, now: int) -> Iterator[Recording]:
        """What runs, with all that there is to say of the time since the last event of each."""
        for turn in self._lanes.open():
            if (recording := turn.stand_still(self._idle.until(now))) is not None:
                yield recording

    @guarded("take down a request")
    def _take_down(self, message: object) -> Turn | None:
        self._idle.comes(self._clock())
        body = decoded(message)
        kind = body.get("type")
        if kind == "response.create":
            return self._ask(body)
        if kind == "response.steer":
            self._steer(body)
        return None

    def _ask(self, body: Mapping[str, Any]) -> Turn:
        turn = Turn()
        turn.parent = context.get_current()
        turn.asked_after = text(body.get("previous_response_id"))
        self._observe(turn, body)
        self._lanes.ask(text(body.get("stream_id")), turn)
        return turn

    @guarded("observe a response on a socket")
    def _observe(self, turn: Turn, body: Mapping[str, Any], since: int = 0) -> None:
        """`since` is when the response began, where that was before now."""
        seam = self._seam()
        if seam is None:
            return
        recording = seam.observe_message(body, self.client, address_of(self._socket), since)
        if recording is None:
            return
        recording.request_id = header_of(self._socket, seam.sdk.request_id_header)
        turn.body = body if recording.captured else {name: body[name] for name in body.keys() - CONTENT}
        turn.begin(recording, self._idle.until(recording.start))

    def _follow(self, previous: Turn) -> Turn:
        """The turn of a response that the provider begins by itself after one that was steered, with its settings."""
        turn = Turn()
        turn.parent, turn.asked_after = previous.parent, previous.response_id
        if previous.recording is not None and previous.parent is not None:
            body = {**previous.body, "previous_response_id": previous.response_id, "input": previous.steered}
            token = context.attach(previous.parent)
            try:
                self._observe(turn, body, previous.last)
            finally:
                detach(token)
            turn.idle = previous.idle
        return turn

    def _steer(self, body: Mapping[str, Any]) -> None:
        turn, said = self._lanes.running(text(body.get("previous_response_id"))), body.get("input")
        if turn is not None and turn.recording is not None and turn.recording.captured is not None:
            turn.steered += items(said) or [{"role": "user", "content": said}]

    @guarded("record a request that was not sent")
    def _not_sent(self, turn: Turn, error: BaseException) -> None:
        self._lanes.drop(turn)
        if (recording := turn.stand_still(turn.idle)) is not None:
            recording.fail(error)

    @guarded("see the end of a send")
    def _leave(self, turn: Turn) -> None:
        now = self._clock()
        self._idle.leaves(now)
        turn.sent(now)
