"""What the provider server has received so far, readable from any thread while it goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from firsttoken.testing.received import Ending, ReceivedRequest

Requests = tuple[ReceivedRequest, ...]


class Journal:
    """Requests in the order of their numbers, which count from 1."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: list[ReceivedRequest] = []

    @property
    def requests(self) -> Requests:
        with self._changed:
            return tuple(self._requests)

    def record(self, request: Callable[[int], ReceivedRequest]) -> ReceivedRequest:
        """Adds the request that the function makes of the next number."""
        with self._changed:
            recorded = request(len(self._requests) + 1)
            self._requests.append(recorded)
            self._changed.notify_all()
        return recorded

    def settle(self, number: int, ending: Ending) -> None:
        """Says how the reply to a request ended."""
        with self._changed:
            self._requests[number - 1] = replace(
                self._requests[number - 1],
                chunks_sent=ending.chunks_sent,
                client_disconnected=ending.client_disconnected,
            )
            self._changed.notify_all()

    def wait_for(self, holds: Callable[[Requests], bool], timeout_s: float) -> Requests:
        """Returns the requests once the condition holds. Raises TimeoutError with what there is instead."""
        with self._changed:
            if not self._changed.wait_for(lambda: holds(tuple(self._requests)), timeout_s):
                seen = [(request.path, request.client_disconnected) for request in self._requests]
                raise TimeoutError(f"not within {timeout_s} s; requests so far: {seen}")
            return tuple(self._requests)
