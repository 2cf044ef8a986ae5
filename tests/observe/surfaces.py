"""Every way in which a program asks for an answer: the rows of the table of surfaces and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import anthropic
import openai
import pydantic

from observe import ways
from observe.program import Program
from observe.ways import Way

MESSAGES: Final = [{"role": "user", "content": "Say something."}]
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "openai": {"model": "gpt-4o", "messages": MESSAGES},
    "anthropic": {"model": "claude-sonnet-4-6", "messages": MESSAGES, "max_tokens": 64},
}


class Weather(pydantic.BaseModel):
    """What `parse()` asks for."""

    city: str
    days: int


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
    open: Way
    needs: str = "create"
    """The method of the SDK that it is about."""
    as_bytes: bool = False
    """Whether the program reads the bytes itself, and the SDK parses nothing."""
    at_once: bool = False
    """Whether all that is left of a stream is read in one go."""
    requests: int = 1
    """How many requests it takes."""

    @property
    def sdk(self) -> str:
        return self.api.sdk

    @property
    def raises_errors(self) -> bool:
        """Whether an error event is raised rather than handed over."""
        return self.api.raises_errors and not self.as_bytes

    async def ask(self, program: Program, client: Any, **more: Any) -> Any:
        return await self.open(program, self.api.at(client), {**self.api.request, **more})


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


CLIENTS: Final = {
    "openai": openai.OpenAI(api_key="none", http_client=openai.DefaultHttpxClient(verify=False)),
    "anthropic": anthropic.Anthropic(api_key="none", http_client=anthropic.DefaultHttpxClient(verify=False)),
}
"""Clients to look at: none of them ever asks."""


def _parsing(api: Api, form: str) -> Api:
    return replace(api, request={**api.request, form: Weather})


def is_offered(surface: Surface) -> bool:
    """Whether the installed version of the SDK has it."""
    try:
        return hasattr(surface.api.at(CLIENTS[surface.sdk]), surface.needs)
    except AttributeError:
        return False


def offered(*surfaces: Surface) -> tuple[Surface, ...]:
    return tuple(surface for surface in surfaces if is_offered(surface))


STREAMS: Final = offered(
    Surface("chat.create", CHAT, ways.create),
    Surface("chat.stream", CHAT_HELPERS, ways.helper, "stream"),
    Surface("chat.with_raw_response", CHAT, ways.raw),
    Surface("chat.with_streaming_response", CHAT, ways.streaming),
    Surface("responses.create", RESPONSES, ways.create),
    Surface("responses.stream", RESPONSES, ways.helper, "stream"),
    Surface("responses.with_raw_response", RESPONSES, ways.raw),
    Surface("responses.with_streaming_response", RESPONSES, ways.streaming),
    Surface("responses.retrieve", FETCH, ways.fetch, "retrieve"),
    Surface("responses.with_streaming_response.retrieve", FETCH, ways.fetch_streaming, "retrieve"),
    Surface("completions.create", COMPLETIONS, ways.create),
    Surface("completions.with_streaming_response", COMPLETIONS, ways.streaming),
    Surface("messages.create", MESSAGES_API, ways.create),
    Surface("messages.stream", MESSAGES_API, ways.helper, "stream"),
    Surface("messages.with_raw_response", MESSAGES_API, ways.raw),
    Surface("messages.with_streaming_response", MESSAGES_API, ways.streaming),
    Surface("beta.messages.create", BETA_MESSAGES, ways.create),
)
"""Streams of the SDKs, chunk by chunk."""
WHOLE: Final = offered(
    Surface("chat.create whole", CHAT, ways.whole),
    Surface("chat.parse", _parsing(CHAT_HELPERS, "response_format"), ways.parse, "parse"),
    Surface("chat.with_raw_response whole", CHAT, ways.whole_raw),
    Surface("chat.with_streaming_response whole", CHAT, ways.whole_streaming),
    Surface("responses.create whole", RESPONSES, ways.whole),
    Surface("responses.parse", _parsing(RESPONSES, "text_format"), ways.parse, "parse"),
    Surface("responses.with_raw_response whole", RESPONSES, ways.whole_raw),
    Surface("responses.with_streaming_response whole", RESPONSES, ways.whole_streaming),
    Surface("completions.create whole", COMPLETIONS, ways.whole),
    Surface("completions.with_raw_response whole", COMPLETIONS, ways.whole_raw),
    Surface("completions.with_streaming_response whole", COMPLETIONS, ways.whole_streaming),
    Surface("messages.create whole", MESSAGES_API, ways.whole),
    Surface("messages.parse", _parsing(MESSAGES_API, "output_format"), ways.parse, "parse"),
    Surface("messages.with_raw_response whole", MESSAGES_API, ways.whole_raw),
    Surface("messages.with_streaming_response whole", MESSAGES_API, ways.whole_streaming),
)
"""Answers that the SDKs read whole."""
