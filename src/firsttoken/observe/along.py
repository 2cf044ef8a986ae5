"""What a caller reads as bytes, read along with him on the side."""

from __future__ import annotations

from typing import Any, Protocol

from firsttoken.observe.events import Event, EventReader, event_reader
from firsttoken.observe.failure import failure_in
from firsttoken.observe.recording import Recording


class ReadsAlong(Protocol):
    def take(self, piece: bytes, asked: int, arrived: int) -> None:
        """Takes in a piece of the body that the caller asked for at `asked` and that arrived at `arrived`."""
        ...

    def end(self, asked: int, arrived: int) -> None:
        """Takes in that the body has come to its end."""
        ...


def reading_along(response: Any, recording: Recording) -> ReadsAlong | None:
    """Of a stream its events as they come, of a whole answer its bytes. None for a stream of another form."""
    if not recording.request.stream:
        whole = WholeAnswer(response)
        recording.answer = whole.content
        return whole
    events = event_reader(response.headers, of_lines=recording.wire.streams_lines)
    return None if events is None else EventStream(recording, events)


class WholeAnswer:
    """Keeps the bytes until the call ends."""

    def __init__(self, response: Any) -> None:
        self._response_class: Any = type(response)
        self._encoding = response.headers.get("content-encoding")
        self._pieces: list[bytes] = []

    def take(self, piece: bytes, asked: int, arrived: int) -> None:
        del asked, arrived
        self._pieces.append(piece)

    def end(self, asked: int, arrived: int) -> None:
        pass

    def content(self) -> bytes:
        """The bytes, unpacked by the HTTP client's own means."""
        headers = {} if self._encoding is None else {"content-encoding": self._encoding}
        return self._response_class(200, headers=headers, content=b"".join(self._pieces)).content


class EventStream:
    """Hands each event to the recording, as a stream of the SDK would its chunks, and keeps none."""

    def __init__(self, recording: Recording, events: EventReader) -> None:
        self._recording = recording
        self._events = events
        self._begun = False

    def take(self, piece: bytes, asked: int, arrived: int) -> None:
        """Nothing where a stream of the SDK reads these bytes: it was there first."""
        recording = self._recording
        if not self._begun:
            if recording.tally is not None:
                return
            self._begun = True
            recording.streaming()
        self._hand_on(self._events.feed(piece), asked, arrived)

    def end(self, asked: int, arrived: int) -> None:
        if self._begun:
            self._hand_on(self._events.rest(), asked, arrived)

    def _hand_on(self, events: list[Event], asked: int, arrived: int) -> None:
        recording = self._recording
        for event in events:
            if (failure := failure_in(event.data)) is not None:
                recording.complaint = failure
            elif event.name not in recording.wire.passed_over:
                recording.chunk(asked, arrived, event.data)
                asked = arrived
