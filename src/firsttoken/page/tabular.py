"""Tables that are too long for one answer: sent as they are read, in the form that was asked for."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO, Final, cast

import pyarrow as pa
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.responses import StreamingResponse

from firsttoken.page.row_files import RowFile, Write

MEDIA_TYPE: Final = "application/vnd.apache.arrow.stream"


@contextmanager
def arrow_stream(file: BinaryIO, schema: pa.Schema) -> Generator[Write]:
    """In Arrow's stream format."""
    sink: Any = file
    with pa.ipc.new_stream(sink, schema) as writer:
        yield cast("Callable[[pa.RecordBatch], None]", writer.write_batch)  # pyright: ignore[reportUnknownMemberType]


async def streamed(
    opened: AbstractContextManager[pa.RecordBatchReader],
    form: RowFile = arrow_stream,
    media_type: str = MEDIA_TYPE,
    headers: Mapping[str, str] | None = None,
) -> StreamingResponse:
    """Raises what opening it raises. What goes wrong later breaks the answer off, and its reader notices."""
    parts = _parts(opened, form)
    first = await run_in_threadpool(next, parts)
    return StreamingResponse(_chained(first, parts), media_type=media_type, headers=headers)


async def _chained(first: bytes, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in iterate_in_threadpool(parts):
        yield part


def _parts(opened: AbstractContextManager[pa.RecordBatchReader], form: RowFile) -> Iterator[bytes]:
    """The first as soon as it is open; it may be empty."""
    with opened as batches, _Pipe() as pipe:
        with form(cast("BinaryIO", pipe), batches.schema) as write:
            yield pipe.taken()
            for batch in batches:
                write(batch)
                yield pipe.taken()
        yield pipe.taken()


class _Pipe(io.RawIOBase):
    """A file of which only what was not taken yet is held. It tells where it stands, as a Parquet file needs."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def write(self, data: Any, /) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def taken(self) -> bytes:
        """What was written since it was last taken."""
        written = b"".join(self._parts)
        self._parts.clear()
        return written
