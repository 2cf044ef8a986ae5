"""Every way in which a program asks for an answer: the rows of the table of surfaces and ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import anthropic
import openai
import pydantic

from observe.program import Program

MESSAGES: Final = [{"role": "user", "content": "Say something."}]
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "openai": {"model": "gpt-4o", "messages": MESSAGES},
    "anthropic": {"model": "claude-sonnet-4-6", "messages": MESSAGES, "max_tokens": 64},
}


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


def resource(client: Any) -> Any:
    """Where the SDK of the client keeps `create`."""
    return client.chat.completions if hasattr(client, "chat") else client.messages


def helpers(client: Any) -> Any:
    """Where the SDK of the client keeps `stream` and `parse`."""
    return resource(client) if hasattr(resource(client), "stream") else client.beta.chat.completions


@dataclass(frozen=True, slots=True)
class Api:
    """One API of an SDK, and what is asked of it."""

    name: str
    """As calls on it say by `firsttoken.api`."""
    sdk: str
    request: dict[str, Any]
    at: Callable[[Any], Any] = resource
    """Where a client keeps its methods."""
    operation: str = "chat"
    ends_by_done: bool = False
    """Whether a stream ends by `[DONE]` after the event that is its last."""
    raises_errors: bool = True
    """Whether the SDK raises the error event of a stream rather than handing it over."""

    @property
    def duration_metric(self) -> str:
        inference = self.operation in ("chat", "text_completion")
        return f"gen_ai.client.{'inference' if inference else 'operation'}.duration"


@dataclass(frozen=True, slots=True)
class Surface:
    """One way to ask. `open` returns when the program has something to read, or the whole answer."""

    name: str
    api: Api
    open: Callable[[Program, Any, dict[str, Any]], Awaitable[Any]]
    """Takes the place where the client keeps the API's methods, and the request."""

    @property
    def sdk(self) -> str:
        return self.api.sdk

    async def ask(self, program: Program, client: Any, **more: Any) -> Any:
        return await self.open(program, self.api.at(client), {**self.api.request, **more})


async def _create(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(methods.create(stream=True, **request))
    return Opened(stream, stream)


async def _helper(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.stream(**request)
    return Opened(await program.enter(manager), manager)


async def _raw(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    response = await program.get(methods.with_raw_response.create(stream=True, **request))
    stream = await program.get(response.parse())
    return Opened(stream, stream)


async def _streaming(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.with_streaming_response.create(stream=True, **request)
    response = await program.enter(manager)
    return Opened(await program.get(response.parse()), manager)


async def _whole(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.create(**request))


async def _whole_raw(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    response = await program.get(methods.with_raw_response.create(**request))
    return await program.get(response.parse())


async def _whole_streaming(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    manager = methods.with_streaming_response.create(**request)
    response = await program.enter(manager)
    answer = await program.get(response.parse())
    await program.leave(manager)
    return answer


async def _parse(program: Program, methods: Any, request: dict[str, Any]) -> Any:
    return await program.get(methods.parse(**request))


async def _fetch(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    stream = await program.get(methods.retrieve("resp_1", stream=True, **request))
    return Opened(stream, stream)


async def _fetch_streaming(program: Program, methods: Any, request: dict[str, Any]) -> Opened:
    manager = methods.with_streaming_response.retrieve("resp_1", stream=True, **request)
    response = await program.enter(manager)
    return Opened(await program.get(response.parse()), manager)


def _beta(client: Any) -> Any:
    return client.beta.messages


def _responses(client: Any) -> Any:
    return client.responses


def _completions(client: Any) -> Any:
    return client.completions


CHAT: Final = Api("openai.chat_completions", "openai", REQUESTS["openai"], ends_by_done=True)
CHAT_HELPERS: Final = replace(CHAT, at=helpers)
COMPLETIONS: Final = Api(
    "openai.completions",
    "openai",
    {"model": "gpt-3.5-turbo-instruct", "prompt": "Say something."},
    _completions,
    operation="text_completion",
    ends_by_done=True,
)
RESPONSES: Final = Api(
    "openai.responses", "openai", {"model": "gpt-4o", "input": "Say something."}, _responses, raises_errors=False
)
FETCH: Final = Api("openai.responses", "openai", {}, _responses, operation="fetch_response", raises_errors=False)
MESSAGES_API: Final = Api("anthropic.messages", "anthropic", REQUESTS["anthropic"])
BETA_MESSAGES: Final = replace(MESSAGES_API, at=_beta)


def _parsing(api: Api, form: str) -> Api:
    return replace(api, request={**api.request, form: Weather})


NEEDED: Final = {_helper: "stream", _parse: "parse", _fetch: "retrieve", _fetch_streaming: "retrieve"}
"""The method that a way of asking calls, `create` for every other."""


def offered(*surfaces: Surface) -> tuple[Surface, ...]:
    """Those that the installed versions of the SDKs have."""
    clients = {
        "openai": openai.OpenAI(api_key="none", http_client=openai.DefaultHttpxClient(verify=False)),
        "anthropic": anthropic.Anthropic(api_key="none", http_client=anthropic.DefaultHttpxClient(verify=False)),
    }

    def has(surface: Surface) -> bool:
        try:
            return hasattr(surface.api.at(clients[surface.sdk]), NEEDED.get(surface.open, "create"))
        except AttributeError:
            return False

    found = tuple(surface for surface in surfaces if has(surface))
    for client in clients.values():
        client.close()
    return found


STREAMS: Final = offered(
    Surface("chat.create", CHAT, _create),
    Surface("chat.stream", CHAT_HELPERS, _helper),
    Surface("chat.with_raw_response", CHAT, _raw),
    Surface("chat.with_streaming_response", CHAT, _streaming),
    Surface("responses.create", RESPONSES, _create),
    Surface("responses.stream", RESPONSES, _helper),
    Surface("responses.with_raw_response", RESPONSES, _raw),
    Surface("responses.with_streaming_response", RESPONSES, _streaming),
    Surface("responses.retrieve", FETCH, _fetch),
    Surface("responses.with_streaming_response.retrieve", FETCH, _fetch_streaming),
    Surface("completions.create", COMPLETIONS, _create),
    Surface("completions.with_streaming_response", COMPLETIONS, _streaming),
    Surface("messages.create", MESSAGES_API, _create),
    Surface("messages.stream", MESSAGES_API, _helper),
    Surface("messages.with_raw_response", MESSAGES_API, _raw),
    Surface("messages.with_streaming_response", MESSAGES_API, _streaming),
    Surface("beta.messages.create", BETA_MESSAGES, _create),
)
WHOLE: Final = offered(
    Surface("chat.create whole", CHAT, _whole),
    Surface("chat.parse", _parsing(CHAT_HELPERS, "response_format"), _parse),
    Surface("chat.with_raw_response whole", CHAT, _whole_raw),
    Surface("chat.with_streaming_response whole", CHAT, _whole_streaming),
    Surface("responses.create whole", RESPONSES, _whole),
    Surface("responses.parse", _parsing(RESPONSES, "text_format"), _parse),
    Surface("responses.with_raw_response whole", RESPONSES, _whole_raw),
    Surface("responses.with_streaming_response whole", RESPONSES, _whole_streaming),
    Surface("completions.create whole", COMPLETIONS, _whole),
    Surface("completions.with_raw_response whole", COMPLETIONS, _whole_raw),
    Surface("completions.with_streaming_response whole", COMPLETIONS, _whole_streaming),
    Surface("messages.create whole", MESSAGES_API, _whole),
    Surface("messages.parse", _parsing(MESSAGES_API, "output_format"), _parse),
    Surface("messages.with_raw_response whole", MESSAGES_API, _whole_raw),
    Surface("messages.with_streaming_response whole", MESSAGES_API, _whole_streaming),
)
