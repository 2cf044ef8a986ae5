"""The body of an answer, watched for being closed or dropped before it was read to its end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from typing import Any

from firsttoken.call import Outcome
from firsttoken.guard import guarded
from firsttoken.observe.along import ReadsAlong, reading_along
from firsttoken.observe.recording import Recording
from firsttoken.providers.sdk import Sdk


class WatchedBody:
    """Stands in for the HTTP client's byte stream, says that it is one, and has all that it has.

    The SDK's streams, its helpers and the HTTP client itself all end by closing this one object, so it is where an
    early end is seen whichever way it came.
    """

    stream_observer: Any
    """The anthropic SDK looks for this at every chunk: in vain behind a proxy, that costs more than all that we do."""

    def __init__(self, body: Any, recording: Recording, packages: frozenset[str]) -> None:
        """`packages` are those whose generators close the body when they are dropped."""
        self._self_body = body
        self._self_recording = recording
        self._self_packages = packages
        self.stream_observer = getattr(body, "stream_observer", None)

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._self_body.__class__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_self_"):  # Ours, of a watch that was never put up.
            raise AttributeError(name)
        return getattr(self._self_body, name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._self_body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._self_body.__aiter__()

    def close(self) -> None:
        self._self_closing()
        self._self_body.close()

    async def aclose(self) -> None:
        self._self_closing()
        await self._self_body.aclose()

    @guarded("see a body close")
    def _self_closing(self) -> None:
        if self._self_recording.reading:
            return  # The SDK closes as its stream ends, and what the caller gets next ends the call.
        if _generator_closing(self._self_packages):
            self._self_recording.abandon()
        else:
            self._self_recording.finish(Outcome.CLOSED)

    @guarded("see a body dropped")
    def __del__(self) -> None:
        self._self_recording.abandon()


class WatchedRawBody(WatchedBody):
    """The same for a caller who reads the bytes: reading them to the end completes the call."""

    def __init__(self, body: Any, recording: Recording, packages: frozenset[str], along: ReadsAlong | None) -> None:
        super().__init__(body, recording, packages)
        self._self_along = along
        self._self_asked = 0

    def __iter__(self) -> Iterator[bytes]:
        with self._self_reading():
            for piece in self._self_body:
                self._self_take(piece)
                yield piece
                self._self_asked = self._self_recording.clock()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self._self_body.__aiter__()
        try:
            with self._self_reading():
                async for piece in pieces:
                    self._self_take(piece)
                    yield piece
                    self._self_asked = self._self_recording.clock()
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    @guarded("begin to read along")
    def _self_begin(self) -> None:
        """With no bytes at all, for there may never be any."""
        self._self_asked = asked = self._self_recording.clock()
        if self._self_along is not None:
            self._self_along.take(b"", asked, asked)

    @guarded("read along")
    def _self_take(self, piece: bytes) -> None:
        self._self_recording.heard = arrived = self._self_recording.clock()
        if self._self_along is not None:
            self._self_along.take(piece, self._self_asked, arrived)

    @contextlib.contextmanager
    def _self_reading(self) -> Generator[None]:
        """Ends the call with the bytes, unless a stream reads them, whose own end it then is."""
        self._self_begin()
        try:
            yield
        except GeneratorExit:
            raise
        except BaseException as error:
            self._self_break_off(error)
            raise
        self._self_end()

    @guarded("record what ended the reading")
    def _self_break_off(self, error: BaseException) -> None:
        if not self._self_recording.reading:
            self._self_recording.fail(error)

    @guarded("record the end of the reading")
    def _self_end(self) -> None:
        if not self._self_recording.reading:
            self._self_read_to_the_end()
            self._self_recording.finish(Outcome.COMPLETED)

    @guarded("read along to the end")
    def _self_read_to_the_end(self) -> None:
        if self._self_along is not None:
            self._self_along.end(self._self_asked, self._self_recording.clock())


def watch_stream(response: Any, recording: Recording, sdk: Sdk) -> None:
    """Puts the watch on a response whose events the SDK reads."""
    if not response.is_closed:
        response.stream = WatchedBody(response.stream, recording, _packages(response, sdk))


def watch_bytes(response: Any, recording: Recording, sdk: Sdk) -> None:
    """Puts the watch on a response whose bytes the caller may read."""
    along = reading_along(response, recording)
    response.stream = WatchedRawBody(response.stream, recording, _packages(response, sdk), along)


def _packages(response: Any, sdk: Sdk) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in (sdk.module, type(response).__module__))


def _generator_closing(packages: frozenset[str]) -> bool:
    """Whether the body is being closed because one of these packages' generators was dropped, and not by its caller.

    A generator that is closed sees GeneratorExit, and so does everything that it calls meanwhile.
    """
    error = sys.exception()
    if not isinstance(error, GeneratorExit) or error.__traceback__ is None:
        return False
    module = error.__traceback__.tb_frame.f_globals.get("__name__", "")
    return module.partition(".")[0] in packages
