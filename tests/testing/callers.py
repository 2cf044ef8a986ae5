"""The two SDKs, sync and async, streamed and whole, each reduced to what a caller sees of an answer."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import anthropic
import openai
from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from firsttoken.call import Usage
from firsttoken.testing import ProviderServer

KEY = "not-a-real-key"
TLS = ssl.create_default_context()
"""Made once: every client would otherwise read all certificates again, for servers that speak no TLS."""
MESSAGES: list[Any] = [{"role": "user", "content": "Hello?"}]
OPENAI = {"model": "gpt-4o", "messages": MESSAGES}
OPENAI_STREAM = {**OPENAI, "stream": True, "stream_options": {"include_usage": True}}
ANTHROPIC = {"model": "claude-haiku-4-5", "max_tokens": 1_000, "messages": MESSAGES}
ANTHROPIC_STREAM = {**ANTHROPIC, "stream": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An answer as the caller got it."""

    model: str
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[tuple[str, Any], ...] = ()
    """Name, and arguments as parsed JSON."""
    finish_reason: str | None = None
    usage: Usage | None = None


def openai_client(server: ProviderServer, **options: Any) -> OpenAI:
    http = openai.DefaultHttpxClient(verify=TLS)
    return OpenAI(base_url=server.openai_base_url, api_key=KEY, http_client=http, **options)


def anthropic_client(server: ProviderServer, **options: Any) -> Anthropic:
    http = anthropic.DefaultHttpxClient(verify=TLS)
    return Anthropic(base_url=server.anthropic_base_url, api_key=KEY, http_client=http, **options)


def async_openai_client(server: ProviderServer, **options: Any) -> AsyncOpenAI:
    http = openai.DefaultAsyncHttpxClient(verify=TLS)
    return AsyncOpenAI(base_url=server.openai_base_url, api_key=KEY, http_client=http, **options)


def async_anthropic_client(server: ProviderServer, **options: Any) -> AsyncAnthropic:
    http = anthropic.DefaultAsyncHttpxClient(verify=TLS)
    return AsyncAnthropic(base_url=server.anthropic_base_url, api_key=KEY, http_client=http, **options)


def openai_whole(server: ProviderServer, **body: Any) -> Seen:
    with openai_client(server, max_retries=0) as client:
        return seen_completion(client.chat.completions.create(**OPENAI | body))


def openai_stream(server: ProviderServer, **body: Any) -> Seen:
    with openai_client(server, max_retries=0) as client:
        return seen_chunks(client.chat.completions.create(**OPENAI_STREAM | body))


def openai_whole_async(server: ProviderServer, **body: Any) -> Seen:
    async def ask() -> Seen:
        async with async_openai_client(server, max_retries=0) as client:
            return seen_completion(await client.chat.completions.create(**OPENAI | body))

    return asyncio.run(ask())


def openai_stream_async(server: ProviderServer, **body: Any) -> Seen:
    async def ask() -> Seen:
        async with async_openai_client(server, max_retries=0) as client:
            stream = await client.chat.completions.create(**OPENAI_STREAM | body)
            return seen_chunks([chunk async for chunk in stream])

    return asyncio.run(ask())


def anthropic_whole(server: ProviderServer, **body: Any) -> Seen:
    with anthropic_client(server, max_retries=0) as client:
        return seen_message(client.messages.create(**ANTHROPIC | body))


def anthropic_stream(server: ProviderServer, **body: Any) -> Seen:
    with anthropic_client(server, max_retries=0) as client:
        return seen_events(client.messages.create(**ANTHROPIC_STREAM | body))


def anthropic_whole_async(server: ProviderServer, **body: Any) -> Seen:
    async def ask() -> Seen:
        async with async_anthropic_client(server, max_retries=0) as client:
            return seen_message(await client.messages.create(**ANTHROPIC | body))

    return asyncio.run(ask())


def anthropic_stream_async(server: ProviderServer, **body: Any) -> Seen:
    async def ask() -> Seen:
        async with async_anthropic_client(server, max_retries=0) as client:
            stream = await client.messages.create(**ANTHROPIC_STREAM | body)
            return seen_events([event async for event in stream])

    return asyncio.run(ask())


Caller = Callable[..., Seen]
OPENAI_STREAMS: tuple[Caller, ...] = (openai_stream, openai_stream_async)
ANTHROPIC_STREAMS: tuple[Caller, ...] = (anthropic_stream, anthropic_stream_async)
OPENAI_CALLERS: tuple[Caller, ...] = (openai_whole, openai_whole_async, *OPENAI_STREAMS)
ANTHROPIC_CALLERS: tuple[Caller, ...] = (anthropic_whole, anthropic_whole_async, *ANTHROPIC_STREAMS)
STREAMS = OPENAI_STREAMS + ANTHROPIC_STREAMS
CALLERS = OPENAI_CALLERS + ANTHROPIC_CALLERS


def seen_completion(completion: ChatCompletion) -> Seen:
    choice = completion.choices[0]
    return Seen(
        model=completion.model,
        text=choice.message.content or "",
        reasoning=getattr(choice.message, "reasoning_content", ""),
        tool_calls=tuple(
            (call.function.name, json.loads(call.function.arguments))
            for call in choice.message.tool_calls or ()
            if call.type == "function"
        ),
        finish_reason=choice.finish_reason,
        usage=_openai_usage(completion.usage),
    )


def seen_chunks(chunks: Iterable[ChatCompletionChunk]) -> Seen:
    seen = Seen(model="")
    names: list[str] = []
    arguments: list[str] = []
    for chunk in chunks:
        seen = replace(seen, model=chunk.model, usage=_openai_usage(chunk.usage))
        for choice in chunk.choices:
            seen = replace(
                seen,
                text=seen.text + (choice.delta.content or ""),
                reasoning=seen.reasoning + getattr(choice.delta, "reasoning_content", ""),
                finish_reason=choice.finish_reason,
            )
            for call in choice.delta.tool_calls or ():
                assert call.function is not None
                if call.function.name is not None:
                    names.append(call.function.name)
                    arguments.append("")
                arguments[call.index] += call.function.arguments or ""
    return replace(seen, tool_calls=tuple(zip(names, map(json.loads, arguments), strict=True)))


def seen_message(message: Message) -> Seen:
    return Seen(
        model=message.model,
        text="".join(block.text for block in message.content if block.type == "text"),
        reasoning="".join(block.thinking for block in message.content if block.type == "thinking"),
        tool_calls=tuple((block.name, block.input) for block in message.content if block.type == "tool_use"),
        finish_reason=message.stop_reason,
        usage=_anthropic_usage(message.usage, getattr(message.usage, "cache_creation", None)),
    )


def seen_events(events: Iterable[Any]) -> Seen:
    seen = Seen(model="")
    tools: list[tuple[str, str]] = []
    cache_creation = None
    for event in events:
        match event.type:
            case "message_start":
                cache_creation = getattr(getattr(event.message, "usage", None), "cache_creation", None)
                seen = replace(seen, model=event.message.model)
            case "content_block_start" if event.content_block.type == "tool_use":
                tools.append((event.content_block.name, ""))
            case "content_block_delta" if event.delta.type == "text_delta":
                seen = replace(seen, text=seen.text + event.delta.text)
            case "content_block_delta" if event.delta.type == "thinking_delta":
                seen = replace(seen, reasoning=seen.reasoning + event.delta.thinking)
            case "content_block_delta" if event.delta.type == "input_json_delta":
                tools[-1] = (tools[-1][0], tools[-1][1] + event.delta.partial_json)
            case "message_delta":
                usage = _anthropic_usage(getattr(event, "usage", None), cache_creation)
                seen = replace(seen, finish_reason=event.delta.stop_reason, usage=usage)
            case _:
                pass
    return replace(seen, tool_calls=tuple((name, json.loads(arguments)) for name, arguments in tools))


def _openai_usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    return Usage(
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        cache_read_tokens=prompt.cached_tokens,
        cache_write_tokens=prompt.cache_write_tokens,
        reasoning_tokens=completion.reasoning_tokens,
    )


def _anthropic_usage(usage: Any, cache_creation: Any) -> Usage | None:
    if usage is None:
        return None
    assert cache_creation is not None
    return Usage(
        input_tokens=usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens,
        cache_write_tokens=usage.cache_creation_input_tokens,
        cache_write_5m_tokens=cache_creation.ephemeral_5m_input_tokens,
        cache_write_1h_tokens=cache_creation.ephemeral_1h_input_tokens,
        reasoning_tokens=usage.output_tokens_details.thinking_tokens,
    )
