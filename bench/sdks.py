"""The real SDKs over a transport that answers in this process: what is left is the cost of the SDK itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Literal

import anthropic
import httpx2
import openai

from firsttoken.testing import Answer, text_answer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire import ANTHROPIC, OPENAI, OPENAI_RESPONSES
from firsttoken.testing.wire.wire import Wire

Shape = Literal["sync", "async"]
SHAPES: Final[tuple[Shape, ...]] = ("sync", "async")

WORDS_HEADER: Final = "x-words"
"""Says with each answer of how many words it is."""

QUESTION: Final = [{"role": "user", "content": "Tell me everything."}]


@dataclass(frozen=True, slots=True)
class Api:
    """One API of one SDK."""

    name: str
    wire: Wire
    endpoint: Callable[[Any], Any]
    """The part of a client that has its `create`."""
    clients: dict[Shape, Any]
    off: dict[str, Any]
    """Options that take the SDK's own spans away, for the bare side."""
    body: dict[str, Any]
    streamed: dict[str, Any]
    """What a request adds to its body to have the answer streamed."""

    def events(self, words: int) -> tuple[bytes, ...]:
        """A streamed answer of so many words, one event each, with what stands before and after them."""
        assert self.wire.events is not None
        return self.wire.events(_answer(words), self._received())

    def whole(self, words: int) -> bytes:
        """The same answer as one JSON object."""
        return json.dumps(self.wire.whole(_answer(words), self._received())).encode()

    def _received(self) -> ReceivedRequest:
        body = self.body | self.streamed
        return ReceivedRequest(
            number=1, serial="1", method="POST", path="", query="", headers={}, content=b"", body=body
        )


def _answer(words: int) -> Answer:
    return text_answer(*(f" word{index % 10}" for index in range(words)))


CHAT: Final = Api(
    name="chat",
    wire=OPENAI,
    endpoint=attrgetter("chat.completions"),
    clients={"sync": openai.OpenAI, "async": openai.AsyncOpenAI},
    off={},
    body={"model": "gpt-4o-mini", "messages": QUESTION},
    streamed={"stream": True, "stream_options": {"include_usage": True}},
)
RESPONSES: Final = Api(
    name="responses",
    wire=OPENAI_RESPONSES,
    endpoint=attrgetter("responses"),
    clients={"sync": openai.OpenAI, "async": openai.AsyncOpenAI},
    off={},
    body={"model": "gpt-4o-mini", "input": "Tell me everything."},
    streamed={"stream": True},
)
MESSAGES: Final = Api(
    name="messages",
    wire=ANTHROPIC,
    endpoint=attrgetter("messages"),
    clients={"sync": anthropic.Anthropic, "async": anthropic.AsyncAnthropic},
    off={"open_telemetry": False},
    body={"model": "claude-sonnet-4-6", "messages": QUESTION, "max_tokens": 4096},
    streamed={"stream": True},
)
APIS: Final = {api.name: api for api in (CHAT, RESPONSES, MESSAGES)}


class Caller:
    """A client of an SDK and its uses, answered always the same and without a socket.

    Its coroutines never wait unless told to, so that one driver serves synchronous and asynchronous clients.
    """

    def __init__(self, api: Api, shape: Shape, words: int, *, own_spans: bool, in_turns: bool = False) -> None:
        """`in_turns` has every asynchronous stream wait for the others before each of its events."""
        http = httpx2.Client if shape == "sync" else httpx2.AsyncClient
        self.client = api.clients[shape](
            api_key="none",
            max_retries=0,
            http_client=http(transport=httpx2.MockTransport(self._respond)),
            **({} if own_spans else api.off),
        )
        self._endpoint = api.endpoint(self.client)
        self._api = api
        self._shape = shape
        self._words = str(words)
        self._whole = api.whole(words)
        self._events = api.events(words)
        self._pieces = PiecesInTurns if in_turns else Pieces

    def _respond(self, request: httpx2.Request) -> httpx2.Response:
        if b'"stream":true' not in request.content:
            return httpx2.Response(200, headers=self._headers("application/json"), content=self._whole)
        return httpx2.Response(200, headers=self._headers("text/event-stream"), stream=self._pieces(self._events))

    def _headers(self, content_type: str) -> dict[str, str]:
        return {"content-type": content_type, WORDS_HEADER: self._words}

    async def open(self) -> Any:
        """A stream of which nothing was read yet."""
        return await self._made(self._endpoint.create(**self._api.body, **self._api.streamed))

    async def whole(self) -> Any:
        """The answer in one piece."""
        return await self._made(self._endpoint.create(**self._api.body))

    async def _made(self, call: Any) -> Any:
        return call if self._shape == "sync" else await call

    async def take(self, stream: Any, count: int) -> None:
        """Reads so many chunks."""
        if self._shape == "sync":
            for _ in range(count):
                next(stream)
        else:
            for _ in range(count):
                await anext(stream)

    async def collect(self, stream: Any) -> list[Any]:
        """All chunks."""
        return list(stream) if self._shape == "sync" else [chunk async for chunk in stream]

    async def drain(self, stream: Any) -> None:
        """Reads what is left."""
        if self._shape == "sync":
            for _ in stream:
                pass
        else:
            async for _ in stream:
                pass


@dataclass(frozen=True, slots=True)
class Pair:
    """The two sides of a comparison."""

    what: str
    bare: Caller
    observed: Caller


def pairs(words: int) -> list[Pair]:
    """One for each API and shape."""
    return [
        Pair(
            f"{api.name}, {shape}",
            bare=Caller(api, shape, words, own_spans=False),
            observed=Caller(api, shape, words, own_spans=True),
        )
        for api in APIS.values()
        for shape in SHAPES
    ]


class Pieces(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A body that arrives one event at a time."""

    def __init__(self, events: tuple[bytes, ...]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[bytes]:
        yield from self._events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            yield event


class PiecesInTurns(Pieces):
    """The same, each event in its turn with those of other bodies."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self._events:
            await asyncio.sleep(0)
            yield event
