"""The ways in which the workload calls the two SDKs: streamed and whole, with tools and thought, and left early."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import MessageParam
from openai import AsyncOpenAI, OpenAI

from firsttoken.testing.scenarios import SCENARIO_HEADER

GUIDE = "You answer travellers who ask about cities: briefly, kindly, and with one example. " * 24
FORECAST_INPUT: dict[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
ENOUGH_CHUNKS = 8


def stream_chat(
    client: OpenAI, model: str, prompt: str, *, scenario: str | None = None, include_usage: bool = True
) -> str:
    stream = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": GUIDE}, {"role": "user", "content": prompt}],
        temperature=None if model.startswith("o") else 0.4,
        stream=True,
        stream_options={"include_usage": include_usage},
        extra_headers=headers(scenario),
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def whole_chat(client: OpenAI, model: str, prompt: str, *, scenario: str | None = None) -> str:
    completion = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": GUIDE}, {"role": "user", "content": prompt}],
        extra_headers=headers(scenario),
    )
    return completion.choices[0].message.content or ""


def call_openai_tool(client: OpenAI, model: str, prompt: str) -> None:
    """The model asks for a tool, gets its result, and answers."""
    asked = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        tools=[{"type": "function", "function": {"name": "get_forecast", "parameters": FORECAST_INPUT}}],
    )
    for call in asked.choices[0].message.tool_calls or ():
        client.chat.completions.create(
            model=model,
            messages=[
                {"role": "user", "content": prompt},
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": call.id, "type": "function", "function": {"name": "get_forecast", "arguments": "{}"}}
                    ],
                },
                {"role": "tool", "tool_call_id": call.id, "content": "Dry until Thursday."},
            ],
        )


def abandon_chat(client: OpenAI, model: str, prompt: str) -> None:
    """The caller has read enough and forgets the stream."""
    stream = client.chat.completions.create(model=model, messages=[{"role": "user", "content": prompt}], stream=True)
    for number, _ in enumerate(stream):
        if number == ENOUGH_CHUNKS:
            break


async def stream_chat_async(client: AsyncOpenAI, model: str, prompt: str) -> None:
    stream = await client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": GUIDE}, {"role": "user", "content": prompt}],
        stream=True,
        stream_options={"include_usage": True},
    )
    async for _ in stream:
        pass


async def whole_chat_async(client: AsyncOpenAI, model: str, prompt: str) -> None:
    await client.chat.completions.create(
        model=model, messages=[{"role": "system", "content": GUIDE}, {"role": "user", "content": prompt}]
    )


async def cancel_chat(client: AsyncOpenAI, model: str, prompt: str) -> None:
    """The caller's task is cancelled after the first chunk, while the stream hangs."""
    begun = asyncio.Event()

    async def read() -> None:
        stream = await client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": prompt}],
            stream=True,
            extra_headers=headers("hang"),
        )
        async for _ in stream:
            begun.set()

    reading = asyncio.create_task(read())
    await begun.wait()
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


def stream_message(client: Anthropic, model: str, prompt: str, *, scenario: str | None = None) -> str:
    with client.messages.stream(
        model=model,
        max_tokens=1_024,
        system=GUIDE,
        messages=[{"role": "user", "content": prompt}],
        extra_headers=headers(scenario),
    ) as stream:
        return "".join(stream.text_stream)


def whole_message(client: Anthropic, model: str, prompt: str, *, scenario: str | None = None) -> None:
    client.messages.create(
        model=model,
        max_tokens=1_024,
        system=GUIDE,
        messages=[{"role": "user", "content": prompt}],
        extra_headers=headers(scenario),
    )


def think(client: Anthropic, model: str, prompt: str) -> None:
    """Reasoning that is streamed before the answer."""
    for _ in client.messages.create(
        model=model,
        max_tokens=4_096,
        thinking={"type": "enabled", "budget_tokens": 2_048},
        messages=[{"role": "user", "content": prompt}],
        stream=True,
    ):
        pass


def call_anthropic_tool(client: Anthropic, model: str, prompt: str) -> None:
    """The model streams its wish for a tool."""
    for _ in client.messages.create(
        model=model,
        max_tokens=1_024,
        tools=[{"name": "get_forecast", "input_schema": {**FORECAST_INPUT, "type": "object"}}],
        messages=[{"role": "user", "content": prompt}],
        stream=True,
    ):
        pass


def close_message(client: Anthropic, model: str, prompt: str) -> None:
    """The caller leaves the `with` block of a stream before its end."""
    messages: list[MessageParam] = [{"role": "user", "content": prompt}]
    with client.messages.create(model=model, max_tokens=1_024, messages=messages, stream=True) as stream:
        for number, _ in enumerate(stream):
            if number == ENOUGH_CHUNKS:
                break


async def stream_message_async(client: AsyncAnthropic, model: str, prompt: str) -> None:
    async with client.messages.stream(
        model=model, max_tokens=1_024, messages=[{"role": "user", "content": prompt}]
    ) as stream:
        await stream.get_final_message()


def headers(scenario: str | None) -> dict[str, str]:
    """What asks the provider server for a special case."""
    return {} if scenario is None else {SCENARIO_HEADER: scenario}
