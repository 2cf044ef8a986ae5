"""The two iterators that stand inside an SDK's stream: same chunks, same exceptions, one clock reading on either side.

They go where the SDK keeps the stream's own iterator, so the stream object, its class and its laziness stay the SDK's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from firsttoken.call import Outcome
from firsttoken.guard import note_trouble
from firsttoken.observe.recording import Recording


def observed(chunks: Iterator[Any], recording: Recording) -> Iterator[Any]:
    """Yields every chunk of `chunks` untouched."""
    clock, note = recording.clock, recording.chunk
    hides, hide_usage = recording.hides_usage, recording.hide_usage
    recording.reading = True
    asked = clock()
    try:
        for chunk in chunks:
            arrived = clock()
            try:
                if hides and hide_usage(chunk):
                    continue
                note(asked, arrived, chunk)
            except Exception:  # noqa: BLE001  the guard, unrolled: this runs for every chunk
                note_trouble("take in a chunk")
            recording.reading = False
            yield chunk
            recording.reading = True
            asked = clock()
    except GeneratorExit:
        recording.abandon()
        raise
    except BaseException as error:
        recording.fail(error)
        raise
    recording.finish(Outcome.COMPLETED)


class AsyncObserved:
    """The same for an asynchronous stream.

    A plain iterator rather than an asynchronous generator: it leaves nothing behind that an event loop would have
    to close when a stream is dropped.
    """

    __slots__ = ("_chunks", "_recording")

    def __init__(self, chunks: AsyncIterator[Any], recording: Recording) -> None:
        self._chunks = chunks
        self._recording = recording

    def __aiter__(self) -> AsyncObserved:
        return self

    async def __anext__(self) -> Any:
        recording = self._recording
        if recording.reading:
            return await self._chunks.__anext__()  # A second reader at once: the SDK tells it so, and the call goes on.
        clock = recording.clock
        recording.reading = True
        asked = clock()
        while True:
            try:
                chunk = await self._chunks.__anext__()
            except StopAsyncIteration:
                recording.finish(Outcome.COMPLETED)
                raise
            except BaseException as error:
                recording.fail(error)
                raise
            arrived = clock()
            try:
                if recording.hides_usage and recording.hide_usage(chunk):
                    continue
                recording.chunk(asked, arrived, chunk)
            except Exception:  # noqa: BLE001  the guard, unrolled: this runs for every chunk
                note_trouble("take in a chunk")
            recording.reading = False
            return chunk
