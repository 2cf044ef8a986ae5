"""What a script answers is what the real SDKs read, on both wires, sync and async, streamed and whole."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from firsttoken.testing import (
    Answer,
    ProviderServer,
    ToolCall,
    cached_answer,
    reasoning_answer,
    text_answer,
    tool_call_answer,
    truncated_answer,
    unmetered_answer,
)
from testing.callers import (
    ANTHROPIC_CALLERS,
    ANTHROPIC_STREAM,
    CALLERS,
    MESSAGES,
    OPENAI_CALLERS,
    OPENAI_STREAM,
    OPENAI_STREAMS,
    Caller,
    Seen,
    anthropic_client,
    async_openai_client,
    openai_client,
    seen_chunks,
)

CACHED = cached_answer("Hi", read=1_024, write_5m=256, write_1h=64)
TWO_TOOLS = tool_call_answer(
    ToolCall("get_weather", ('{"city": "Zü', 'rich"}')), ToolCall("get_time", ("{}",)), text=("Let me", " look.")
)
ANSWERS: dict[str, tuple[Answer, Seen]] = {
    "text": (text_answer("Grüß", " Gott"), Seen(model="", text="Grüß Gott", finish_reason="stop")),
    "reasoning": (
        reasoning_answer("Hello", reasoning=("Say", " hello")),
        Seen(model="", text="Hello", reasoning="Say hello", finish_reason="stop"),
    ),
    "tools": (
        TWO_TOOLS,
        Seen(
            model="",
            text="Let me look.",
            tool_calls=(("get_weather", {"city": "Zürich"}), ("get_time", {})),
            finish_reason="tool_calls",
        ),
    ),
    "cached": (CACHED, Seen(model="", text="Hi", finish_reason="stop")),
    "truncated": (truncated_answer("Hell"), Seen(model="", text="Hell", finish_reason="length")),
    "unmetered": (unmetered_answer("Hi"), Seen(model="", text="Hi", finish_reason="stop")),
    "nothing": (Answer(), Seen(model="", finish_reason="stop")),
}
STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("caller", OPENAI_CALLERS)
def test_openai_reads_the_answer_that_was_scripted(server: ProviderServer, caller: Caller, name: str) -> None:
    answer, expected = ANSWERS[name]
    # Chat Completions do not say for how long what they cached is kept.
    usage = answer.usage and replace(answer.usage, cache_write_5m_tokens=None, cache_write_1h_tokens=None)
    server.enqueue(answer)
    assert replace(expected, model="gpt-4o", usage=usage) == caller(server)


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("caller", ANTHROPIC_CALLERS)
def test_anthropic_reads_the_answer_that_was_scripted(server: ProviderServer, caller: Caller, name: str) -> None:
    answer, expected = ANSWERS[name]
    usage = answer.usage and replace(
        answer.usage,
        cache_write_5m_tokens=answer.usage.cache_write_5m_tokens or 0,
        cache_write_1h_tokens=answer.usage.cache_write_1h_tokens or 0,
    )
    reason = STOP_REASONS[str(expected.finish_reason)]
    server.enqueue(answer)
    assert replace(expected, model="claude-haiku-4-5", usage=usage, finish_reason=reason) == caller(server)


@pytest.mark.parametrize("caller", CALLERS)
def test_a_model_and_a_finish_reason_of_the_script_win_over_those_derived(
    server: ProviderServer, caller: Caller
) -> None:
    server.enqueue(replace(text_answer("Hi"), model="a-model", finish_reason="whatever"))
    seen = caller(server)
    assert (seen.model, seen.finish_reason) == ("a-model", "whatever")


@pytest.mark.parametrize("caller", OPENAI_STREAMS)
@pytest.mark.parametrize("options", [None, {"include_usage": False}])
def test_a_chat_stream_has_no_usage_unless_it_is_asked_for(
    server: ProviderServer, caller: Caller, options: dict[str, bool] | None
) -> None:
    server.enqueue(text_answer("Hi"))
    assert caller(server, stream_options=options).usage is None


def test_usage_comes_in_a_last_chunk_without_choices_and_is_null_in_all_others(server: ProviderServer) -> None:
    server.enqueue(text_answer("One", " two"))
    with openai_client(server) as client, client.chat.completions.create(**OPENAI_STREAM) as stream:
        *others, last = list(stream)
    assert (last.choices, last.usage is not None) == ([], True)
    assert [chunk.usage for chunk in others] == [None] * 4
    assert all("usage" in chunk.model_fields_set for chunk in others)


def test_output_tokens_before_the_end_of_a_message_are_a_placeholder(server: ProviderServer) -> None:
    server.enqueue(text_answer("One", " two", " three"))
    with anthropic_client(server) as client, client.messages.create(**ANTHROPIC_STREAM) as stream:
        events = list(stream)
    assert [events[0].message.usage.output_tokens, events[-2].usage.output_tokens] == [1, 3]


def test_every_choice_that_is_asked_for_gets_the_answer(server: ProviderServer) -> None:
    with openai_client(server) as client:
        server.enqueue(text_answer("Hi"), text_answer("Hi"))
        whole = client.chat.completions.create(model="gpt-4o", messages=MESSAGES, n=2)
        stream = list(client.chat.completions.create(**OPENAI_STREAM, n=2))
    assert [(choice.index, choice.message.content) for choice in whole.choices] == [(0, "Hi"), (1, "Hi")]
    assert [choice.index for chunk in stream for choice in chunk.choices if choice.delta.content == "Hi"] == [0, 1]


def test_chunks_are_padded_on_request(server: ProviderServer) -> None:
    server.enqueue(replace(text_answer("Hi"), obfuscated=True))
    with openai_client(server) as client:
        chunks = list(client.chat.completions.create(**OPENAI_STREAM))
    assert all(chunk.obfuscation for chunk in chunks)


def test_no_two_replies_share_an_id(server: ProviderServer) -> None:
    with ProviderServer() as other:
        ids = set()
        for each in (server, server, other):
            with openai_client(each) as client:
                ids.add(client.chat.completions.create(model="gpt-4o", messages=MESSAGES).id)
    assert len(ids) == 3


def test_the_helpers_of_both_sdks_read_the_streams_to_their_end(server: ProviderServer) -> None:
    server.enqueue(TWO_TOOLS, TWO_TOOLS)
    with openai_client(server) as client, client.chat.completions.stream(model="gpt-4o", messages=MESSAGES) as chat:
        completion = chat.get_final_completion()
    with (
        anthropic_client(server) as client,
        client.messages.stream(model="claude-haiku-4-5", max_tokens=9, messages=MESSAGES) as events,
    ):
        message = events.get_final_message()
    expected = {"city": "Zürich"}
    assert expected == json.loads((completion.choices[0].message.tool_calls or [])[0].function.arguments)
    assert expected == next(block.input for block in message.content if block.type == "tool_use")


def test_many_calls_at_once_each_get_an_answer_of_their_own(server: ProviderServer) -> None:
    server.enqueue(*(text_answer(f"answer {number}") for number in range(40)))

    async def ask_all() -> set[str]:
        async with async_openai_client(server) as client:

            async def ask() -> str:
                stream = await client.chat.completions.create(**OPENAI_STREAM)
                return seen_chunks([chunk async for chunk in stream]).text

            return set(await asyncio.gather(*(ask() for _ in range(40))))

    assert {f"answer {number}" for number in range(40)} == asyncio.run(ask_all())
