"""A SQL statement that is posted: read with care for who posts it, and ended when he goes or the server stops."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import pyarrow as pa
from anyio import from_thread
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from firsttoken.analyse.stating import Statement, stated
from firsttoken.page.question import BadQuestion
from firsttoken.store import LiveWarehouse, Subscription

JSON: Final = "application/json"
"""A form of another site cannot send it, and a script of another site would have to ask first, and is refused."""
LARGEST_BYTES: Final = 1_000_000
STATEMENT: Final = TypeAdapter(Statement)


async def read_statement(request: Request) -> Statement:
    """Raises HTTPException for a body that is not JSON of a reasonable size, and BadQuestion for another one."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Post the statement as {JSON}.")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_BYTES:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A statement has at most {LARGEST_BYTES:,} bytes."
            )
    try:
        return STATEMENT.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadQuestion(f"{'.'.join(map(str, first['loc'])) or 'statement'}: {first['msg']}") from error


@contextmanager
def answered_statement(
    store: LiveWarehouse, statement: Statement, request: Request, stopping: Subscription
) -> Generator[pa.RecordBatchReader]:
    """For a thread of the server's. `stopping` is closed with it."""

    def is_wanted() -> bool:
        return not stopping.is_ended and not from_thread.run(request.is_disconnected)

    with stopping, stated(store, statement, is_wanted) as rows:
        yield rows
