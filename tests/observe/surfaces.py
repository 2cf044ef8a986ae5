"""Every way in which a program asks for an answer: the rows of the table of surfaces and ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import anthropic
import openai
import pydantic

from observe import ways
from observe.clients import CLIENTS, Client
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
    of_lines: bool = False
    """Whether a stream is lines of JSON, which have no event for the end or an error."""
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
    client: Client | None = None
    """Who asks; None is the SDK's own client as it comes."""
    requests: int = 1
    """How many requests it takes."""
    has_with: bool = True
    """Whether the program can leave it by `with`."""
    lead: int = 1
    """How many events come before something is handed over."""

    @property
    def sdk(self) -> str:
        return self.api.sdk

    @property
    def is_variant(self) -> bool:
        """Whether it is another way to read what a row of its own stands for."""
        return "," in self.name or self.client is not None

    async def ask(self, program: Program, client: Any, **more: Any) -> Any:
        return await self.open(program, self.api.at(client), {**self.api.request, **more})


def _beta(client: Any) -> Any:
    return client.beta.messages


def _responses(client: Any) -> Any:
    return client.responses


def _completions(client: Any) -> Any:
    return client.completions


def _embeddings(client: Any) -> Any:
    return client.embeddings


def _batches(client: Any) -> Any:
    return client.messages.batches


def _beta_batches(client: Any) -> Any:
    return client.beta.messages.batches


def _itself(client: Any) -> Any:
    return client


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
BACKGROUND: Final = replace(RESPONSES, request={**RESPONSES.request, "background": True})
FETCH_BY_HELPER: Final = replace(FETCH, request={"response_id": "resp_1"})
EMBEDDINGS: Final = Api(
    "openai.embeddings",
    "openai",
    {"model": "text-embedding-3-small", "input": "Say something.", "encoding_format": "float"},
    _embeddings,
    operation="embeddings",
)
COUNT: Final = Api(
    "anthropic.count_tokens",
    "anthropic",
    {"model": "claude-sonnet-4-6", "messages": MESSAGES},
    operation="count_tokens",
)
BATCHES: Final = Api(
    "anthropic.batches",
    "anthropic",
    {"requests": [{"custom_id": "request-1", "params": REQUESTS["anthropic"]}]},
    _batches,
    operation="create_batch",
)
RESULTS: Final = Api("anthropic.batches", "anthropic", {}, _batches, operation="batch_results", of_lines=True)
LEGACY: Final = Api(
    "anthropic.completions",
    "anthropic",
    {"model": "claude-2.1", "prompt": "\n\nHuman: Hi\n\nAssistant:", "max_tokens_to_sample": 9},
    _itself,
    operation="text_completion",
)


SAMPLES: Final = {
    "openai": openai.OpenAI(api_key="none", http_client=openai.DefaultHttpxClient(verify=False)),
    "anthropic": anthropic.Anthropic(api_key="none", http_client=anthropic.DefaultHttpxClient(verify=False)),
}
"""Clients to look at: none of them ever asks."""


def _parsing(api: Api, form: str) -> Api:
    return replace(api, request={**api.request, form: Weather})


def is_offered(surface: Surface) -> bool:
    """Whether the installed version of the SDK has it."""
    try:
        return hasattr(surface.api.at(SAMPLES[surface.sdk]), surface.needs)
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
READINGS: Final = offered(
    Surface(
        "chat.stream, get_final_completion()",
        CHAT_HELPERS,
        ways.reading("get_final_completion"),
        "stream",
        at_once=True,
    ),
    Surface("chat.stream, until_done()", CHAT_HELPERS, ways.reading("until_done"), "stream", at_once=True),
    Surface("chat.with_raw_response, lines", CHAT, ways.raw_lines, as_bytes=True, has_with=False),
    Surface("chat.with_streaming_response, iter_lines()", CHAT, ways.streaming_by("iter_lines"), as_bytes=True),
    Surface("chat.with_streaming_response, iter_bytes()", CHAT, ways.streaming_by("iter_bytes"), as_bytes=True),
    Surface("chat.with_streaming_response, text()", CHAT, ways.streaming_by("text"), as_bytes=True, at_once=True),
    Surface("responses.create(background=True)", BACKGROUND, ways.create),
    Surface(
        "responses.stream, get_final_response()", RESPONSES, ways.reading("get_final_response"), "stream", at_once=True
    ),
    Surface("responses.stream(response_id=...)", FETCH_BY_HELPER, ways.helper, "stream"),
    Surface("responses.with_raw_response, lines", RESPONSES, ways.raw_lines, as_bytes=True, has_with=False),
    Surface(
        "responses.with_streaming_response, iter_lines()", RESPONSES, ways.streaming_by("iter_lines"), as_bytes=True
    ),
    Surface("completions.with_raw_response", COMPLETIONS, ways.raw),
    Surface(
        "completions.with_streaming_response, iter_lines()", COMPLETIONS, ways.streaming_by("iter_lines"), as_bytes=True
    ),
    Surface("messages.stream, text_stream", MESSAGES_API, ways.reading("text_stream"), "stream", lead=4),
    Surface(
        "messages.stream, get_final_message()", MESSAGES_API, ways.reading("get_final_message"), "stream", at_once=True
    ),
    Surface("messages.stream, until_done()", MESSAGES_API, ways.reading("until_done"), "stream", at_once=True),
    Surface("messages.with_raw_response, lines", MESSAGES_API, ways.raw_lines, as_bytes=True, has_with=False),
    Surface(
        "messages.with_streaming_response, iter_lines()", MESSAGES_API, ways.streaming_by("iter_lines"), as_bytes=True
    ),
    Surface(
        "messages.with_streaming_response, read()",
        MESSAGES_API,
        ways.streaming_by("read"),
        as_bytes=True,
        at_once=True,
    ),
    Surface("beta.messages.stream", BETA_MESSAGES, ways.helper, "stream"),
    Surface("beta.messages.stream, text_stream", BETA_MESSAGES, ways.reading("text_stream"), "stream", lead=4),
    Surface("beta.messages.with_streaming_response", BETA_MESSAGES, ways.streaming),
    Surface("beta.messages.tool_runner(stream=True)", BETA_MESSAGES, ways.run_tools, "tool_runner"),
    Surface("messages.batches.results", RESULTS, ways.results, "results", requests=2, lead=2, has_with=False),
    Surface("post('/v1/complete', stream=True)", LEGACY, ways.post_stream, "post"),
)
"""Other ways to read a stream, other streams, and streams whose bytes the program reads."""
ANSWERS: Final = (
    *WHOLE,
    *offered(
        Surface("chat.with_raw_response whole, never parsed", CHAT, ways.whole_raw_text),
        Surface("chat.with_streaming_response whole, read()", CHAT, ways.whole_streaming_by("read")),
        Surface("chat.with_streaming_response whole, json()", CHAT, ways.whole_streaming_by("json")),
        Surface("chat.with_streaming_response whole, iter_bytes()", CHAT, ways.whole_streaming_by("iter_bytes")),
        Surface("responses.create whole(background=True)", BACKGROUND, ways.whole),
        Surface("responses.retrieve whole", FETCH, ways.retrieve, "retrieve"),
        Surface("responses.with_raw_response whole, never parsed", RESPONSES, ways.whole_raw_text),
        Surface(
            "responses.with_streaming_response whole, iter_lines()", RESPONSES, ways.whole_streaming_by("iter_lines")
        ),
        Surface("embeddings.create", EMBEDDINGS, ways.whole),
        Surface("embeddings.with_raw_response", EMBEDDINGS, ways.whole_raw),
        Surface("embeddings.with_streaming_response", EMBEDDINGS, ways.whole_streaming),
        Surface("messages.with_raw_response whole, never parsed", MESSAGES_API, ways.whole_raw_text),
        Surface("messages.with_streaming_response whole, text()", MESSAGES_API, ways.whole_streaming_by("text")),
        Surface("messages.count_tokens", COUNT, ways.count_tokens, "count_tokens"),
        Surface("messages.batches.create", BATCHES, ways.whole),
        Surface("beta.messages.create whole", BETA_MESSAGES, ways.whole),
        Surface("beta.messages.parse", _parsing(BETA_MESSAGES, "output_format"), ways.parse, "parse"),
        Surface("beta.messages.tool_runner", BETA_MESSAGES, ways.run_tools_until_done, "tool_runner"),
        Surface("beta.messages.count_tokens", replace(COUNT, at=_beta), ways.count_tokens, "count_tokens"),
        Surface("beta.messages.batches.create", replace(BATCHES, at=_beta_batches), ways.whole),
        Surface("post('/v1/complete')", LEGACY, ways.post, "post"),
    ),
)
"""Every answer that is read whole."""


ASKED_BY: Final = {"openai": (CHAT, ways.create), "anthropic": (MESSAGES_API, ways.create)}
BY_CLIENT: Final = offered(
    *(Surface(client.name, *ASKED_BY[client.sdk], client=client) for client in CLIENTS if client.is_offered)
)
"""A stream of each client."""

NO_RAW_HELPER: Final = "a helper's stream has its response at hand itself"
_ABSENT: Final = (
    (
        Surface(
            "chat.with_raw_response.stream",
            replace(CHAT, at=lambda client: CHAT.at(client).with_raw_response),
            ways.helper,
            "stream",
        ),
        NO_RAW_HELPER,
    ),
    (
        Surface(
            "responses.with_raw_response.stream",
            replace(RESPONSES, at=lambda client: client.responses.with_raw_response),
            ways.helper,
            "stream",
        ),
        NO_RAW_HELPER,
    ),
    (
        Surface(
            "messages.with_raw_response.stream",
            replace(MESSAGES_API, at=lambda client: client.messages.with_raw_response),
            ways.helper,
            "stream",
        ),
        NO_RAW_HELPER,
    ),
    (
        Surface(
            "messages.with_raw_response.parse",
            replace(MESSAGES_API, at=lambda client: client.messages.with_raw_response),
            ways.parse,
            "parse",
        ),
        "`beta.messages` alone has it",
    ),
    (
        Surface("anthropic.completions.create", replace(LEGACY, at=_completions), ways.whole),
        "the API is asked by `post('/v1/complete')`",
    ),
)
NOT_OFFERED: Final = tuple((surface, why) for surface, why in _ABSENT if not is_offered(surface))
"""What might be looked for in the table, and the reason why it has no row."""
