"""One hour of calls, always the same: both SDKs, streamed and whole, with tools, thought, caches, embeddings, errors.

It knows nothing of who watches. Every call has a number, which the provider server puts into the id of its answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

import anthropic
import openai

from firsttoken.testing import SCENARIO_HEADER

KEY: Final = "not-a-real-key"
NUMBER_HEADER: Final = "x-call-number"
SPACING_S: Final = 15
"""So long after one call the next begins, once the times are spread."""
ROUNDS: Final = 8
GUIDE: Final = "You answer travellers who ask about cities: briefly, kindly, and with one example. " * 12
FORECAST: Final[dict[str, object]] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
OPENAI_TOOLS: Final[Any] = [{"type": "function", "function": {"name": "get_forecast", "parameters": FORECAST}}]
ANTHROPIC_TOOLS: Final[Any] = [{"name": "get_forecast", "input_schema": FORECAST}]


class Clients(NamedTuple):
    gpt: openai.OpenAI
    claude: anthropic.Anthropic


def chat(model: str, **options: Any) -> Callable[[Clients, str, Any], None]:
    """A chat completion, read to its end."""

    def ask(clients: Clients, question: str, headers: Any) -> None:
        messages: Any = [{"role": "system", "content": GUIDE}, {"role": "user", "content": question}]
        answer = clients.gpt.chat.completions.create(model=model, messages=messages, extra_headers=headers, **options)
        if options.get("stream"):
            for _ in answer:
                pass

    return ask


def responses(model: str, **options: Any) -> Callable[[Clients, str, Any], None]:
    """A response, read to its end."""

    def ask(clients: Clients, question: str, headers: Any) -> None:
        answer = clients.gpt.responses.create(
            model=model, instructions=GUIDE, input=question, extra_headers=headers, **options
        )
        if options.get("stream"):
            for _ in answer:
                pass

    return ask


def embeddings(model: str, **options: Any) -> Callable[[Clients, str, Any], None]:
    def ask(clients: Clients, question: str, headers: Any) -> None:
        clients.gpt.embeddings.create(model=model, input=[question, GUIDE], extra_headers=headers, **options)

    return ask


def message(model: str, **options: Any) -> Callable[[Clients, str, Any], None]:
    """A message, read to its end."""

    def ask(clients: Clients, question: str, headers: Any) -> None:
        answer = clients.claude.messages.create(
            model=model,
            messages=[{"role": "user", "content": question}],
            extra_headers=headers,
            **{"max_tokens": 4_096, "system": GUIDE, **options},
        )
        if options.get("stream"):
            for _ in answer:
                pass

    return ask


def told_message(model: str, **options: Any) -> Callable[[Clients, str, Any], None]:
    """By the SDK's own helper for streams."""

    def ask(clients: Clients, question: str, headers: Any) -> None:
        with clients.claude.messages.stream(
            model=model,
            messages=[{"role": "user", "content": question}],
            extra_headers=headers,
            **{"max_tokens": 4_096, "system": GUIDE, **options},
        ) as stream:
            stream.get_final_message()

    return ask


USAGE: Final = {"include_usage": True}
THINKING: Final = {"type": "enabled", "budget_tokens": 2_048}


class Kind(NamedTuple):
    """One kind of call, and the scenario that it meets."""

    name: str
    ask: Callable[[Clients, str, Any], None]
    scenario: str | None = None


KINDS: Final = (
    Kind("chat-whole", chat("gpt-4o", temperature=0.4, seed=7)),
    Kind("chat-stream", chat("gpt-4o", stream=True, stream_options=USAGE, max_tokens=200)),
    Kind("chat-stream-unmetered", chat("gpt-4.1", stream=True)),
    Kind("chat-cached", chat("gpt-4o-mini"), "cache-read"),
    Kind("chat-cached-stream", chat("gpt-4o-mini", stream=True, stream_options=USAGE), "cache-read"),
    Kind("chat-thinks", chat("o4-mini", reasoning_effort="low")),
    Kind("chat-thinks-stream", chat("o4-mini", stream=True, stream_options=USAGE)),
    Kind("chat-tool", chat("gpt-4.1", tools=OPENAI_TOOLS)),
    Kind("chat-tool-stream", chat("gpt-4.1", tools=OPENAI_TOOLS, stream=True, stream_options=USAGE)),
    Kind("chat-unpriced", chat("atlas-travel-70b")),
    Kind("chat-refused", chat("gpt-4o"), "server-error"),
    Kind("chat-limited", chat("gpt-4o", stream=True), "rate-limit"),
    Kind("chat-breaks", chat("gpt-4o", stream=True, stream_options=USAGE), "error-mid-stream"),
    Kind("response-whole", responses("gpt-4.1")),
    Kind("response-stream", responses("gpt-4.1", stream=True)),
    Kind("response-cached", responses("gpt-4o"), "cache-read"),
    Kind("embeddings", embeddings("text-embedding-3-small", dimensions=64)),
    Kind("message-whole", message("claude-haiku-4-5")),
    Kind("message-stream", message("claude-sonnet-4-6", stream=True)),
    Kind("message-told", told_message("claude-sonnet-4-6")),
    Kind("message-writes", message("claude-sonnet-4-6"), "cache-write"),
    Kind("message-writes-stream", message("claude-sonnet-4-6", stream=True), "cache-write"),
    Kind("message-reads", message("claude-sonnet-4-6"), "cache-read"),
    Kind("message-reads-stream", message("claude-sonnet-4-6", stream=True), "cache-read"),
    Kind("message-thinks", message("claude-opus-4-5", thinking=THINKING, stream=True, system=())),
    Kind("message-tool", message("claude-haiku-4-5", tools=ANTHROPIC_TOOLS)),
    Kind("message-tool-stream", message("claude-haiku-4-5", tools=ANTHROPIC_TOOLS, stream=True)),
    Kind("message-refused", message("claude-haiku-4-5"), "unauthorized"),
    Kind("message-breaks", message("claude-haiku-4-5", stream=True), "error-mid-stream"),
)


def run(base_url: str, rounds: int = ROUNDS) -> list[int]:
    """Makes every call, and says when each began, in nanoseconds since 1970."""
    begun: list[int] = []
    with (
        openai.OpenAI(base_url=f"{base_url}/v1", api_key=KEY, max_retries=0) as gpt,
        anthropic.Anthropic(base_url=base_url, api_key=KEY, max_retries=0) as claude,
    ):
        clients = Clients(gpt, claude)
        for number in range(rounds * len(KINDS)):
            kind = KINDS[number % len(KINDS)]
            headers = {NUMBER_HEADER: str(number)}
            if kind.scenario is not None:
                headers[SCENARIO_HEADER] = kind.scenario
            begun.append(time.time_ns())
            with suppress(openai.APIError, anthropic.APIError):
                kind.ask(clients, f"Question {number}: which city next?", headers)
    return begun
