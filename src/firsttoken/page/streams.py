"""The two answers that stay open: news of calls for a browser, and a hold that keeps the server running."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from firsttoken.page.news import News, NewsQuestion
from firsttoken.page.telling import Teller, told
from firsttoken.store import LiveWarehouse

RETRY_MS: Final = 1000
RETRY_AFTER_S: Final = 10
KEEP_ALIVE: Final = b": still here\n\n"
MOST_LISTS: Final = 64
"""Lists that are told of news at once: each asks the store itself, and a page waits for them all."""
MOST_HOLDERS: Final = 256
"""Programs that keep the server running at once: each costs a connection, and the server waits for all."""


class Places:
    """How many answers of one kind may be open at once, and how many are."""

    def __init__(self, most: int, refusal: str) -> None:
        self.taken = 0
        self._most = most
        self._refusal = refusal

    def check_free(self) -> None:
        """Raises HTTPException 503 where all are taken."""
        if self.taken >= self._most:
            message = f"{self._most} {self._refusal}"
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, message, {"retry-after": str(RETRY_AFTER_S)})


class PlacedResponse(StreamingResponse):
    """Has a place from when it is made until it is over, also where nobody took any of it."""

    def __init__(self, parts: AsyncIterator[bytes], media_type: str, places: Places) -> None:
        super().__init__(parts, media_type=media_type)
        self._places = places
        places.taken += 1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._places.taken -= 1


class Streams:
    """`/events` and `/api/hold`. Both end when the store ends its subscriptions, or the client goes."""

    def __init__(self, store: LiveWarehouse) -> None:
        self._store = store
        self._lists = Places(
            MOST_LISTS, "lists of calls are open already: close some, or look at this one without its news"
        )
        self.holders = Places(MOST_HOLDERS, "programs hold this server already: end some")

    def routes(self) -> list[Route]:
        return [Route("/events", self._events), Route("/api/hold", self._hold)]

    async def _events(self, request: Request) -> Response:
        question = NewsQuestion.read(request.query_params)
        return _open(request, self._news(question), "text/event-stream", self._lists)

    async def _news(self, question: NewsQuestion) -> AsyncIterator[bytes]:
        news = News(self._store, question)
        tellers = (
            Teller("calls", news.gather, shortest_pause_s=0.25, rest=1, is_moving=lambda: news.has_running),
            Teller("sums", news.gather_sums, shortest_pause_s=1, rest=9),
        )
        async with aclosing(told(self._store, tellers)) as pieces:
            async for piece in pieces:
                yield KEEP_ALIVE if piece.value is None else _event(piece.name, piece.value)

    async def _hold(self, request: Request) -> Response:
        return _open(request, self._holding(), "text/plain", self.holders)

    async def _holding(self) -> AsyncIterator[bytes]:
        with self._store.subscribe() as subscription:
            yield b"holding\n"
            seen = subscription.current
            while (change := await subscription.after(seen)) is not None:
                if change == seen:
                    yield b"\n"
                seen = change


def _open(request: Request, parts: AsyncIterator[bytes], media_type: str, places: Places) -> Response:
    """Of a HEAD request nobody reads what comes, so that nothing is gathered for it. Raises HTTPException."""
    places.check_free()
    return Response(media_type=media_type) if request.method == "HEAD" else PlacedResponse(parts, media_type, places)


def _event(name: str, value: object) -> bytes:
    return f"retry: {RETRY_MS}\nevent: {name}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n".encode()
