"""The ordinary things that a program does with an SDK, in either colour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from firsttoken.testing import ProviderServer
from observe.program import DONE, Program
from observe.surfaces import REQUESTS, resource

T = TypeVar("T")


def using(program: Program, sdk: str, server: ProviderServer, work: Callable[[Any], Awaitable[T]], **options: Any) -> T:
    """Runs work with a client of the SDK, which is closed afterwards."""

    async def run() -> T:
        client = program.client(sdk, server, **options)
        try:
            return await work(client)
        finally:
            await program.close(client)

    return program.run(run())


async def opened(program: Program, client: Any, **request: Any) -> Any:
    """A stream that nobody has read from."""
    return await program.get(resource(client).create(stream=True, **_request(client), **request))


async def read(program: Program, stream: Any) -> list[Any]:
    """What is left of a stream."""
    iterator, chunks = program.iterate(stream), list[Any]()
    while (chunk := await program.next(iterator)) is not DONE:
        chunks.append(chunk)
    return chunks


async def streamed(program: Program, client: Any, **request: Any) -> list[Any]:
    """The chunks of a streamed answer."""
    return await read(program, await opened(program, client, **request))


async def whole(program: Program, client: Any, **request: Any) -> Any:
    """An answer that was not streamed."""
    return await program.get(resource(client).create(**_request(client), **request))


def _request(client: Any) -> dict[str, Any]:
    return REQUESTS["openai" if hasattr(client, "chat") else "anthropic"]
