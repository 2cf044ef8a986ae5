"""Two programs that use an SDK, one sync and one async, written once: in the sync one no coroutine ever waits."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any, Final, Protocol, TypeVar

import anthropic
import openai

from firsttoken.testing import ProviderServer

T = TypeVar("T")

DONE: Final = object()
"""What `next` gives when there is no more."""

TIMEOUT_S: Final = 10.0


class Program(Protocol):
    """Runs work against an SDK in one of its two colours."""

    name: str

    def run(self, work: Coroutine[Any, Any, T]) -> T: ...
    def client(self, sdk: str, server: ProviderServer, **options: Any) -> Any: ...
    async def get(self, result: Any) -> Any:
        """The value of a call that is awaited in one colour and not in the other."""
        ...

    def iterate(self, stream: Any) -> Any: ...
    async def next(self, iterator: Any) -> Any: ...
    async def enter(self, manager: Any) -> Any: ...
    async def leave(self, manager: Any, error: BaseException | None = None) -> None: ...
    async def close(self, stream: Any) -> None: ...


class SyncProgram:
    name = "sync"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            work.send(None)
        except StopIteration as stop:
            return stop.value
        raise AssertionError("a sync program does not wait")

    def client(self, sdk: str, server: ProviderServer, **options: Any) -> Any:
        module, cls = {"openai": (openai, openai.OpenAI), "anthropic": (anthropic, anthropic.Anthropic)}[sdk]
        return cls(**_options(sdk, server, module.DefaultHttpxClient(verify=False), options))

    async def get(self, result: Any) -> Any:
        return result

    def iterate(self, stream: Any) -> Any:
        return iter(stream)

    async def next(self, iterator: Any) -> Any:
        return next(iterator, DONE)

    async def enter(self, manager: Any) -> Any:
        return manager.__enter__()

    async def leave(self, manager: Any, error: BaseException | None = None) -> None:
        manager.__exit__(None if error is None else type(error), error, None)

    async def close(self, stream: Any) -> None:
        stream.close()


class AsyncProgram:
    name = "async"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(asyncio.wait_for(work, TIMEOUT_S))

    def client(self, sdk: str, server: ProviderServer, **options: Any) -> Any:
        module, cls = {"openai": (openai, openai.AsyncOpenAI), "anthropic": (anthropic, anthropic.AsyncAnthropic)}[sdk]
        return cls(**_options(sdk, server, module.DefaultAsyncHttpxClient(verify=False), options))

    async def get(self, result: Any) -> Any:
        return await result if inspect.isawaitable(result) else result

    def iterate(self, stream: Any) -> Any:
        return aiter(stream)

    async def next(self, iterator: Any) -> Any:
        return await anext(iterator, DONE)

    async def enter(self, manager: Any) -> Any:
        return await manager.__aenter__()

    async def leave(self, manager: Any, error: BaseException | None = None) -> None:
        await manager.__aexit__(None if error is None else type(error), error, None)

    async def close(self, stream: Any) -> None:
        await stream.close()


PROGRAMS: Final[dict[str, Program]] = {"sync": SyncProgram(), "async": AsyncProgram()}


def _options(sdk: str, server: ProviderServer, http_client: Any, options: dict[str, Any]) -> dict[str, Any]:
    base_url = {"openai": server.openai_base_url, "anthropic": server.anthropic_base_url}[sdk]
    return {"api_key": "key", "base_url": base_url, "max_retries": 0, "http_client": http_client, **options}
