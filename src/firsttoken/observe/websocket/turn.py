"""One response on a WebSocket, from the request for it to its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.context import Context

from firsttoken.call import Outcome
from firsttoken.observe.failure import socket_failure_in
from firsttoken.observe.recording import Recording
from firsttoken.providers.fields import get, text, whole


class Turn:
    """Marks are readings of the recording's clock. Without a recording it is a response that is not observed."""

    __slots__ = ("asked_after", "body", "ended", "idle", "last", "parent", "recording", "response_id", "steered")

    def __init__(self) -> None:
        self.recording: Recording | None = None
        self.asked_after: str | None = None
        """The response that the request continues."""
        self.response_id: str | None = None
        """Known once it has begun."""
        self.parent: Context | None = None
        """Where the request was sent from."""
        self.body: Mapping[str, Any] = {}
        """What was asked, as far as it may be kept."""
        self.steered: list[object] = []
        """What the caller said while the response ran, where content is captured."""
        self.last = 0
        """When the caller last got something of it: control back from the send, then each event."""
        self.idle = 0
        """How long nobody had been at the socket, up to then."""
        self.ended = False

    def begin(self, recording: Recording, idle: int) -> None:
        self.recording = recording
        self.last = recording.heard = recording.start
        self.idle = idle
        recording.listening(self.last)

    def sent(self, now: int) -> None:
        if self.recording is not None:
            self.recording.heard = now

    def take(self, event: dict[str, Any], now: int, idle: int) -> None:
        """Takes in an event. The time in which nobody was at the socket is the caller's, all other the provider's."""
        if (recording := self.recording) is None:
            return
        recording.chunk(self.last + idle - self.idle, now, event)
        self.last, self.idle = now, idle
        if event.get("type") == "error":
            self._fail(recording, event)
        if self.ended:
            recording.finish(Outcome.COMPLETED if recording.failure is None else Outcome.FAILED, at=now)

    def _fail(self, recording: Recording, event: dict[str, Any]) -> None:
        recording.failure = socket_failure_in(event, begun=self.response_id is not None)
        recording.status_code = whole(event.get("status"))
        recording.request_id = text(get(event, "error", "headers", "x-request-id")) or recording.request_id

    def stand_still(self, idle: int) -> Recording | None:
        """The recording, with all that there is to say of the time since its last event; None if there is none."""
        if (recording := self.recording) is not None:
            recording.after_last = idle - self.idle
        return recording

    def go_on(self) -> None:
        if (recording := self.recording) is not None:
            recording.given_up, recording.after_last = 0, None
