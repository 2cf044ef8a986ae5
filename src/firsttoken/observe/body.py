"""The body of an answer, watched for being closed or dropped before it was read to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import wrapt

from firsttoken.call import Outcome
from firsttoken.observe.recording import Recording


class WatchedBody(wrapt.ObjectProxy):  # type: ignore[misc]
    """Stands in for the HTTP client's byte stream and passes everything through.

    The SDK's streams, its helpers and the HTTP client itself all end by closing this one object, so it is where an
    early end is seen whichever way it came.
    """

    def __init__(self, body: Any, recording: Recording) -> None:
        super().__init__(body)  # pyright: ignore[reportUnknownMemberType]
        self._self_body = body
        self._self_recording = recording

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._self_body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._self_body.__aiter__()

    def close(self) -> None:
        self._self_closed()
        self._self_body.close()

    async def aclose(self) -> None:
        self._self_closed()
        await self._self_body.aclose()

    def _self_closed(self) -> None:
        recording = self._self_recording
        if not recording.closed_by_sdk():
            recording.finish(Outcome.CLOSED)
        elif not recording.reading:
            recording.abandon()

    def __del__(self) -> None:
        self._self_recording.abandon()


class WatchedRawBody(WatchedBody):
    """The same for a caller who reads the bytes: reading them to the end completes the call."""

    def __iter__(self) -> Iterator[bytes]:
        yield from self._self_body
        self._self_read()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._self_body:
            yield piece
        self._self_read()

    def _self_read(self) -> None:
        if not self._self_recording.reading:
            self._self_recording.finish(Outcome.COMPLETED)


def watch(response: Any, recording: Recording, *, raw: bool) -> None:
    """Puts the watch on an HTTP response whose body is still to be read."""
    if not response.is_closed:
        response.stream = (WatchedRawBody if raw else WatchedBody)(response.stream, recording)
