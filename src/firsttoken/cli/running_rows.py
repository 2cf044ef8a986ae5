"""Rows that a running server sends as it reads them, in Arrow's stream format."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse

import pyarrow as pa

from firsttoken.cli.running_answers import ANSWER_S, broke_off, check_answered, request
from firsttoken.errors import ServerError


@contextmanager
def rows_of_server(
    port: int, address: str, body: bytes | None = None, timeout_s: float | None = ANSWER_S
) -> Generator[pa.RecordBatchReader]:
    """To be read while it is open. Raises SelectionError and ServerError, the latter while it is read too."""
    connection, response = request(port, address, timeout_s, body)
    try:
        if response.status != 200:
            check_answered(port, response.status, response.read())
        yield _reader(port, response)
    except (OSError, HTTPException) as error:
        raise broke_off(port, error) from error
    finally:
        connection.close()


def _reader(port: int, response: HTTPResponse) -> pa.RecordBatchReader:
    try:
        stream = pa.ipc.open_stream(response)
    except pa.ArrowInvalid as error:
        raise ServerError(f"the server on port {port} sends no rows ({error}): stop it and start it again") from error
    return pa.RecordBatchReader.from_batches(stream.schema, _batches(port, stream))


def _batches(port: int, stream: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from stream
    except (OSError, HTTPException, pa.ArrowException) as error:
        raise broke_off(port, error) from error
