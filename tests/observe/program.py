"""Programs that use an SDK, sync and async, written once: in the sync one no coroutine ever waits."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol, TypeVar

import anthropic
import anyio
import anyio.to_thread
import openai
from patience import PATIENCE_S

from firsttoken.testing import ErrorAnswer, ProviderServer

T = TypeVar("T")

DONE: Final = object()
"""What `next` gives when there is no more."""

TIMEOUT_S: Final = 2 * PATIENCE_S
"""A program that hangs fails instead, after its client has."""


class Program(Protocol):
    """Runs work against an SDK in one of its colours."""

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
    async def in_thread(self, work: Callable[[], T]) -> T:
        """Waits for what blocks, while everything else of the program goes on."""
        ...

    async def elsewhere(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs work in another thread of a sync program, in another task of an async one."""
        ...


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

    async def in_thread(self, work: Callable[[], T]) -> T:
        return work()

    async def elsewhere(self, work: Coroutine[Any, Any, None]) -> None:
        thread = threading.Thread(target=self.run, args=(work,))
        thread.start()
        thread.join()


class AsyncProgram:
    """On the event loop of asyncio."""

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
        await (stream.aclose() if hasattr(stream, "aclose") else stream.close())

    async def in_thread(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work)

    async def elsewhere(self, work: Coroutine[Any, Any, None]) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_awaited, work)


class TrioProgram(AsyncProgram):
    """The same on trio, which the SDKs run on by way of their HTTP client."""

    name = "trio"

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return anyio.run(_in_time, work, backend="trio")


PROGRAMS: Final[dict[str, Program]] = {"sync": SyncProgram(), "async": AsyncProgram()}
COLOURS: Final[dict[str, Program]] = {**PROGRAMS, "trio": TrioProgram()}
"""Those of the table of ends, where it matters what an event loop does when a call ends."""


@functools.cache
def runs_in(colour: str, sdk: str) -> bool:
    """Whether the installed version of an SDK gets as far as its provider: openai 1.60 does so on asyncio alone."""
    module, program = {"openai": openai, "anthropic": anthropic}[sdk], COLOURS[colour]

    async def ask() -> bool:
        with ProviderServer(lambda request: ErrorAnswer(status=404)) as server:
            client = program.client(sdk, server)
            try:
                await program.get(client.get("/", cast_to=object))
            except module.NotFoundError:
                return True
            except RuntimeError:
                return False
            finally:
                await program.close(client)
        return False

    return program.run(ask())


def _options(sdk: str, server: ProviderServer, http_client: Any, options: dict[str, Any]) -> dict[str, Any]:
    """A `timeout` is of reading alone: how soon a busy machine connects is not what is tested."""
    base_url = {"openai": server.openai_base_url, "anthropic": server.anthropic_base_url}[sdk]
    if "timeout" in options:
        options = {
            **options,
            "timeout": {"openai": openai, "anthropic": anthropic}[sdk].Timeout(TIMEOUT_S, read=options["timeout"]),
        }
    return {"api_key": "key", "base_url": base_url, "max_retries": 0, "http_client": http_client, **options}


async def _awaited(work: Awaitable[Any]) -> None:
    await work


async def _in_time(work: Awaitable[T]) -> T:
    with anyio.fail_after(TIMEOUT_S):
        return await work
