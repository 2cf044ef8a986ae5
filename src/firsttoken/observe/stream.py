"""The two iterators that stand inside an SDK's stream: same chunks, same exceptions, one clock reading on either side.

They go where the SDK keeps the stream's own iterator, so the stream object, its class and its laziness stay the SDK's.
What their loops do, they do for every chunk: that is why they call so little.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import AsyncGeneratorType
from typing import Any

from firsttoken.call import Outcome
from firsttoken.guard import note_trouble
from firsttoken.observe.recording import MARKS_HELD, Recording


def observed(chunks: Iterator[Any], recording: Recording) -> Iterator[Any]:
    """Yields every chunk of `chunks` untouched."""
    clock, marks = recording.clock, recording.marks
    if recording.hides_usage:
        chunks = _without_usage(chunks, recording)
    marks.append(clock())
    try:
        for chunk in chunks:
            marks.append(clock())
            try:
                if recording.take(chunk):
                    recording.turn()
                if len(marks) >= MARKS_HELD:
                    recording.hand_on()
            except Exception:  # noqa: BLE001  the guard, unrolled
                recording.unread += 1
                note_trouble("take in a chunk")
            yield chunk
            marks.append(clock())
    except GeneratorExit:
        recording.abandon()
        raise
    except BaseException as error:
        recording.fail(error)
        raise
    recording.finish(Outcome.COMPLETED)


def _without_usage(chunks: Iterator[Any], recording: Recording) -> Iterator[Any]:
    for chunk in chunks:
        if not recording.hide_usage(chunk):
            yield chunk


class AsyncObserved:
    """The same for an asynchronous stream.

    A plain iterator rather than an asynchronous generator: it leaves nothing behind that an event loop would have
    to close when a stream is dropped.
    """

    __slots__ = ("_chunks", "_clock", "_marks", "_recording")

    def __init__(self, chunks: AsyncIterator[Any], recording: Recording) -> None:
        self._chunks: AsyncIterator[Any] = chunks
        if recording.hides_usage or not isinstance(chunks, AsyncGeneratorType):
            self._chunks = _AsyncPassedOn(chunks, recording)
        self._recording = recording
        self._clock = recording.clock
        self._marks = recording.marks

    def __aiter__(self) -> AsyncObserved:
        return self

    async def __anext__(self) -> Any:
        recording, marks, clock = self._recording, self._marks, self._clock
        if len(marks) % 2:
            return await self._chunks.__anext__()  # A second reader at once: the SDK tells it so, and the call goes on.
        marks.append(clock())
        try:
            async for chunk in self._chunks:
                marks.append(clock())
                try:
                    if recording.take(chunk):
                        recording.turn()
                    if len(marks) >= MARKS_HELD:
                        recording.hand_on()
                except Exception:  # noqa: BLE001  the guard, unrolled
                    recording.unread += 1
                    note_trouble("take in a chunk")
                return chunk
        except BaseException as error:
            recording.fail(error)
            raise
        recording.finish(Outcome.COMPLETED)
        raise StopAsyncIteration


class _AsyncPassedOn:
    """Whatever else has an `__anext__`, and a stream from which what only we have asked for is taken out."""

    __slots__ = ("_chunks", "_recording")

    def __init__(self, chunks: AsyncIterator[Any], recording: Recording) -> None:
        self._chunks = chunks
        self._recording = recording

    def __aiter__(self) -> _AsyncPassedOn:
        return self

    async def __anext__(self) -> Any:
        while True:
            chunk = await self._chunks.__anext__()
            if not (self._recording.hides_usage and self._recording.hide_usage(chunk)):
                return chunk
