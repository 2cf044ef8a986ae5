"""Every way in which a program asks for an answer: the rows of the table of surfaces and ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import pydantic

from observe.program import Program

MESSAGES: Final = [{"role": "user", "content": "Say something."}]
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "openai": {"model": "gpt-4o", "messages": MESSAGES},
    "anthropic": {"model": "claude-sonnet-4-6", "messages": MESSAGES, "max_tokens": 64},
}
APIS: Final = {"openai": "openai.chat_completions", "anthropic": "anthropic.messages"}


class Weather(pydantic.BaseModel):
    """What `parse()` asks for."""

    city: str
    days: int


@dataclass(frozen=True, slots=True)
class Opened:
    """An answer in the hands of the program."""

    stream: Any
    """What is iterated and closed."""
    manager: Any
    """What `with` is used on."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One way to ask. `open` returns when the program has something to read, or the whole answer."""

    name: str
    sdk: str
    open: Callable[[Program, Any, dict[str, Any]], Awaitable[Any]]

    async def ask(self, program: Program, client: Any, **more: Any) -> Any:
        return await self.open(program, client, {**REQUESTS[self.sdk], **more})


def resource(client: Any) -> Any:
    """Where the SDK of the client keeps `create`."""
    return client.chat.completions if hasattr(client, "chat") else client.messages


def helpers(client: Any) -> Any:
    """Where the SDK of the client keeps `stream` and `parse`."""
    return resource(client) if hasattr(resource(client), "stream") else client.beta.chat.completions


async def _create(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(resource(client).create(stream=True, **request))
    return Opened(stream, stream)


async def _beta_create(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(client.beta.messages.create(stream=True, **request))
    return Opened(stream, stream)


async def _helper(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    manager = helpers(client).stream(**request)
    return Opened(await program.enter(manager), manager)


async def _raw(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    response = await program.get(resource(client).with_raw_response.create(stream=True, **request))
    stream = await program.get(response.parse())
    return Opened(stream, stream)


async def _streaming(program: Program, client: Any, request: dict[str, Any]) -> Opened:
    manager = resource(client).with_streaming_response.create(stream=True, **request)
    response = await program.enter(manager)
    return Opened(await program.get(response.parse()), manager)


async def _whole(program: Program, client: Any, request: dict[str, Any]) -> Any:
    return await program.get(resource(client).create(**request))


async def _whole_raw(program: Program, client: Any, request: dict[str, Any]) -> Any:
    response = await program.get(resource(client).with_raw_response.create(**request))
    return await program.get(response.parse())


async def _whole_streaming(program: Program, client: Any, request: dict[str, Any]) -> Any:
    manager = resource(client).with_streaming_response.create(**request)
    response = await program.enter(manager)
    answer = await program.get(response.parse())
    await program.leave(manager)
    return answer


async def _parse(program: Program, client: Any, request: dict[str, Any]) -> Any:
    form = {"response_format": Weather} if hasattr(client, "chat") else {"output_format": Weather}
    return await program.get(helpers(client).parse(**form, **request))


STREAMS: Final = (
    Surface("chat.create", "openai", _create),
    Surface("chat.stream", "openai", _helper),
    Surface("chat.with_raw_response", "openai", _raw),
    Surface("chat.with_streaming_response", "openai", _streaming),
    Surface("messages.create", "anthropic", _create),
    Surface("messages.stream", "anthropic", _helper),
    Surface("messages.with_raw_response", "anthropic", _raw),
    Surface("messages.with_streaming_response", "anthropic", _streaming),
    Surface("beta.messages.create", "anthropic", _beta_create),
)
WHOLE: Final = (
    Surface("chat.create whole", "openai", _whole),
    Surface("chat.parse", "openai", _parse),
    Surface("chat.with_raw_response whole", "openai", _whole_raw),
    Surface("chat.with_streaming_response whole", "openai", _whole_streaming),
    Surface("messages.create whole", "anthropic", _whole),
    Surface("messages.parse", "anthropic", _parse),
    Surface("messages.with_raw_response whole", "anthropic", _whole_raw),
    Surface("messages.with_streaming_response whole", "anthropic", _whole_streaming),
)
