"""Ways of asking and of reading, up to where a program has something to read, or all of it."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from observe.program import DONE, Program

Way = Callable[[Program, Any, dict[str, Any]], Awaitable[Any]]
"""Takes the place where the client keeps the API's methods, and the request."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer in the hands of the program."""

    stream: Any
    """What is iterated."""
    manager: Any
    """What `with` is used on."""
    body: Any = None
    """What is closed, where that is not what is iterated."""
    kept: Any = None
    """What would close the stream if it were dropped."""

    @property
    def closes(self) -> Any:
        return self.stream if self.body is None else self.body


class AtOnce:
    """What a helper gives in one go, as an iterator of that one thing."""

    def __init__(self, read: Callable[[], Any]) -> None:
        self._left = [read]

    def __iter__(self) -> AtOnce:
        return self

    __aiter__ = __iter__

    def __next__(self) -> Any:
        if not self._left:
            raise StopIteration
        return self._left.pop()()

    async def __anext__(self) -> Any:
        if not self._left:
            raise StopAsyncIteration
        return await self._left.pop()()


# Streams.


async def create(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(methods.create(stream=True, **request))
    return Opened(stream, stream)


async def helper(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.stream(**request)
    return Opened(await program.enter(manager), manager)


def reading(name: str) -> Way:
    """The helper's stream, read by the method or the iterator of that name."""

    async def read(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
        opened = await helper(program, methods, request)
        reader = getattr(opened.stream, name)
        return Opened(AtOnce(reader) if callable(reader) else reader, opened.manager, opened.stream)

    return read


async def raw(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    response = await program.get(methods.with_raw_response.create(stream=True, **request))
    stream = await program.get(response.parse())
    return Opened(stream, stream)


async def raw_lines(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    """The response that is never parsed: its lines are read off the HTTP client's own response."""
    response = (await program.get(methods.with_raw_response.create(stream=True, **request))).http_response
    lines = response.iter_lines() if program.name == "sync" else response.aiter_lines()
    return Opened(lines, response, response)


async def streaming(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.with_streaming_response.create(stream=True, **request)
    response = await program.enter(manager)
    return Opened(await program.get(response.parse()), manager)


def streaming_by(name: str) -> Way:
    """The bytes of a stream, never parsed, by the method of that name."""

    async def read(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
        manager = methods.with_streaming_response.create(stream=True, **request)
        response = await program.enter(manager)
        reader = getattr(response, name)
        return Opened(reader() if name.startswith("iter_") else AtOnce(reader), manager, response)

    return read


async def fetch(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(methods.retrieve("resp_1", stream=True, **request))
    return Opened(stream, stream)


async def fetch_streaming(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.with_streaming_response.retrieve("resp_1", stream=True, **request)
    response = await program.enter(manager)
    return Opened(await program.get(response.parse()), manager)


async def run_tools(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    """The stream of the runner's first turn, which needs no tool and so is its last one."""
    runner = methods.tool_runner(tools=[], stream=True, **request)
    stream = await program.next(runner)
    return Opened(stream, stream, kept=runner)


async def results(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    """Of a batch: the SDK first asks where they are."""
    lines = await program.get(methods.results("msgbatch_1", **request))
    return Opened(lines, lines)


async def post_stream(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    """An API that the SDK has no method for any more."""
    sdk = importlib.import_module(type(client).__module__.partition(".")[0])
    stream_cls = (sdk.Stream if program.name == "sync" else sdk.AsyncStream)[object]
    stream = await program.get(
        client.post(
            "/v1/complete", body={**request, "stream": True}, cast_to=object, stream=True, stream_cls=stream_cls
        )
    )
    return Opened(stream, stream)


# Whole answers.


async def whole(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.create(**request))


async def whole_raw(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    response = await program.get(methods.with_raw_response.create(**request))
    return await program.get(response.parse())


async def whole_raw_text(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    """The response is never parsed."""
    response = await program.get(methods.with_raw_response.create(**request))
    return response.http_response.text


async def whole_streaming(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    manager = methods.with_streaming_response.create(**request)
    response = await program.enter(manager)
    answer = await program.get(response.parse())
    await program.leave(manager)
    return answer


def whole_streaming_by(name: str) -> Way:
    """The body, never parsed, by the method of that name."""

    async def read(program: Program, methods: Any, request: dict[str, Any]) -> Any:
        manager = methods.with_streaming_response.create(**request)
        response = await program.enter(manager)
        answer = getattr(response, name)()
        answer = repr([*await _all(program, answer)]) if name.startswith("iter_") else await program.get(answer)
        await program.leave(manager)
        return answer

    return read


async def _all(program: Program, iterable: Any) -> list[Any]:
    found, iterator = list[Any](), program.iterate(iterable)
    while (piece := await program.next(iterator)) is not DONE:
        found.append(piece)
    return found


async def parse(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.parse(**request))


async def retrieve(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.retrieve("resp_1", **request))


async def count_tokens(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.count_tokens(**request))


async def post(program: Program, client: Any, request: dict[str, Any]) -> Any:
    return await program.get(client.post("/v1/complete", body=request, cast_to=object))


async def run_tools_until_done(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.tool_runner(tools=[], **request).until_done())
