"""What the streams of both colours are: one answer on its way, read by one reader at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from firsttoken.adapter.events import Event
from firsttoken.adapter.result import StreamResult
from firsttoken.adapter.run import Run

ALONE: Final = "somebody else waits for the next event of this stream: one reader at a time"


class Answer(ABC):
    """What is known of it, and whose turn it is to wait. How to wait is the business of `Stream` and `AsyncStream`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._left: deque[Event] = deque()
        """What the last chunk says, and was not given out."""
        self._next: Callable[[], Any] = self._first
        """Gives the next chunk, or what it is to be awaited from."""
        self._reading = False

    @property
    def result(self) -> StreamResult:
        """What is known, at any time: of a stream that still runs, so far."""
        return self._run.result()

    @property
    def provider_stream(self) -> Any:
        """The SDK's own stream, with its response; None before the request was sent. Whatever is read there does not
        come here."""
        return self._run.stream

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The request in the provider's own arguments."""
        return self._run.plan.arguments

    @abstractmethod
    def _first(self) -> Any:
        """Sends the request, and then gives the first chunk."""

    def _take_turn(self) -> None:
        """Also around the send: two at once would be two requests."""
        if self._reading:
            raise RuntimeError(ALONE)
        self._reading = True
