"""The SDKs' streams without their parsing: the chunks that they once made of an answer, each time anew.

Parsing a chunk takes an SDK a hundred times what observing it takes, and not the same each time. What is left without
it goes its real way: the SDK's method, its stream object, and ours inside.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any

from bench.sdks import WORDS_HEADER, Caller, Shape


async def replaying(callers: Collection[Caller], shape: Shape) -> contextlib.AbstractContextManager[None]:
    """While it is entered, streams of as many words as these callers' yield the chunks that these callers now get."""
    chunks: dict[str, list[Any]] = {}
    stream_class: Any = None
    for caller in callers:
        stream = await caller.open()
        stream_class = type(stream)
        chunks[stream.response.headers[WORDS_HEADER]] = await caller.collect(stream)
    return _replaying(stream_class, chunks, shape)


@contextlib.contextmanager
def _replaying(stream_class: Any, chunks: dict[str, list[Any]], shape: Shape) -> Iterator[None]:
    def replay(stream: Any) -> Iterator[Any]:
        try:
            yield from chunks[stream.response.headers[WORDS_HEADER]]
        finally:
            stream.response.close()

    async def async_replay(stream: Any) -> AsyncIterator[Any]:
        try:
            for chunk in chunks[stream.response.headers[WORDS_HEADER]]:
                yield chunk
        finally:
            await stream.response.aclose()

    original = stream_class.__stream__
    stream_class.__stream__ = replay if shape == "sync" else async_replay
    try:
        yield
    finally:
        stream_class.__stream__ = original
