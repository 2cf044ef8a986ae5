"""The two answers that stay open: news of calls for a browser, and a hold that keeps the server running."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from firsttoken.page.news import News
from firsttoken.page.question import BadQuestion, CallsQuestion
from firsttoken.store import Store

SHORTEST_PAUSE_S: Final = 0.2
"""Between two pieces of news, so that a busy store does not keep the browser drawing. Over a store so large that to
gather takes longer, the pause is as long as that took."""
RETRY_MS: Final = 1000
KEEP_ALIVE: Final = b": still here\n\n"


class Streams:
    """`/events` and `/api/hold`. Both end when the store ends its subscriptions, or the client goes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        return [Route("/events", self._events), Route("/api/hold", self._hold)]

    async def _events(self, request: Request) -> StreamingResponse:
        question = CallsQuestion.read(request.query_params)
        if question.before is not None:
            raise BadQuestion("news are about the newest calls only: leave 'before' out")
        return StreamingResponse(self._news(question), media_type="text/event-stream")

    async def _news(self, question: CallsQuestion) -> AsyncIterator[bytes]:
        yield f"retry: {RETRY_MS}\n\n".encode()
        news = News(self._store, question)
        with self._store.subscribe() as subscription:
            seen = subscription.current
            yield _event("calls", await run_in_threadpool(news.gather))
            while (change := await subscription.after(seen)) is not None:
                if change == seen:
                    yield KEEP_ALIVE
                    continue
                seen = change
                began = anyio.current_time()
                yield _event("calls", await run_in_threadpool(news.gather))
                await anyio.sleep(max(SHORTEST_PAUSE_S, anyio.current_time() - began))

    async def _hold(self, request: Request) -> StreamingResponse:
        return StreamingResponse(self._holding(request), media_type="text/plain")

    async def _holding(self, request: Request) -> AsyncIterator[bytes]:
        state = request.app.state
        with self._store.subscribe() as subscription:
            state.holders += 1
            try:
                yield b"holding\n"
                seen = subscription.current
                while (change := await subscription.after(seen)) is not None:
                    if change == seen:
                        yield b"\n"
                    seen = change
            finally:
                state.holders -= 1


def _event(name: str, value: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
