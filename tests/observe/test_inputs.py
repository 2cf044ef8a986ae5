"""Nothing that a caller gives is used up, changed or recorded that should not be; odd answers pass as they come."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import anthropic
import openai
import pytest

from firsttoken import Settings
from firsttoken.testing import (
    CapturedTelemetry,
    ErrorAnswer,
    ProviderServer,
    RawAnswer,
    data_event,
    named_event,
    text_answer,
)
from firsttoken.testing.script import Reply
from observe.asking import opened, read, streamed, using, whole
from observe.program import DONE, Program
from observe.surfaces import MESSAGES, REQUESTS, STREAMS, WHOLE, Surface, resource
from observe.watching import raised, shown

Instrumented = Callable[..., AbstractContextManager[None]]

SECRETS = (
    *("sk-test-1234567890", "Bearer abcdefgh", "hidden-header", "hidden-query", "hidden-body", "hidden-key"),
    "hidden-password",
)
EVERYTHING = Settings(capture_content="SPAN_AND_EVENT")


def once(items: list[Any]) -> Iterator[Any]:
    """An iterable that can be read a single time."""
    yield from items


@pytest.mark.parametrize("ask", [streamed, whole])
@pytest.mark.parametrize("settings", [Settings(), Settings(include_usage=True)], ids=["plain", "asking for usage"])
def test_one_shot_iterables_reach_the_provider_whole(
    ask: Any, settings: Settings, sdk: str, program: Program, instrumented: Instrumented
) -> None:
    tool = {
        "openai": {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}},
        "anthropic": {"name": "f", "input_schema": {"type": "object", "properties": {}}},
    }[sdk]

    async def work(client: Any) -> None:
        request = REQUESTS[sdk] | {"messages": once(MESSAGES), "tools": once([tool])}
        answer = await program.get(resource(client).create(**request, stream=ask is streamed))
        if ask is streamed:
            await read(program, answer)

    with ProviderServer() as server, instrumented(settings):
        using(program, sdk, server, work)
        body = server.requests[0].body
    assert (MESSAGES, [tool]) == (body["messages"], body["tools"])


def test_what_the_caller_gave_is_the_same_afterwards(
    sdk: str, program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    given: dict[str, Any] = {
        "messages": [{"role": "user", "content": "Hi"}],
        "extra_headers": {"x-extra": "1"},
        "extra_body": {"extra": {"deep": [1]}},
    }
    if sdk == "openai":
        given["stream_options"] = {"include_obfuscation": False}
    before = json.dumps(given)

    async def work(client: Any) -> None:
        await read(program, await program.get(resource(client).create(**REQUESTS[sdk] | given, stream=True)))

    with instrumented(Settings(include_usage=True)):
        using(program, sdk, server, work)
    assert before == json.dumps(given)


def test_options_that_were_left_out_are_neither_sent_nor_recorded(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    module = {"openai": openai, "anthropic": anthropic}[sdk]
    omitted = getattr(module, "omit", None) or module.NOT_GIVEN
    options = {"tools": omitted, "tool_choice": module.NOT_GIVEN, "system": omitted}
    if sdk == "openai":
        options = {"tools": omitted, "tool_choice": module.NOT_GIVEN, "service_tier": omitted}
        options |= {"stream_options": omitted, "max_tokens": module.NOT_GIVEN, "n": omitted, "temperature": omitted}
    with instrumented(Settings(include_usage=True)):
        using(program, sdk, server, lambda client: streamed(program, client, **options))
    (span,) = telemetry.spans
    recorded = {name for name in span["attributes"] if name.startswith("gen_ai.request.")}
    limit = {"gen_ai.request.max_tokens"} if sdk == "anthropic" else set[str]()
    assert {"gen_ai.request.model", "gen_ai.request.stream"} | limit == recorded
    expected = set(REQUESTS[sdk]) | {"stream"} | ({"stream_options"} if sdk == "openai" else set())
    assert expected == set(server.requests[0].body)


EXTRA = {
    "extra_headers": {"Authorization": SECRETS[1], "x-secret": SECRETS[2]},
    "extra_query": {"q": SECRETS[3]},
    "extra_body": {"secret": SECRETS[4]},
}


@pytest.mark.parametrize("failing", [False, True], ids=["answered", "failed"])
@pytest.mark.parametrize("surface", [*STREAMS, *WHOLE], ids=lambda surface: surface.name)
def test_no_header_no_key_and_nothing_extra_is_recorded_even_where_content_is(
    surface: Surface, failing: bool, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    echo = ErrorAnswer(status=401, message=f"Incorrect API key provided: {SECRETS[0]}, {SECRETS[1]}.")
    expecting = pytest.raises(Exception, match=SECRETS[0]) if failing else contextlib.nullcontext()

    async def ask(client: Any) -> None:
        answer = await surface.ask(program, client, **EXTRA)
        if surface in STREAMS:
            await read(program, answer.stream)
            await program.leave(answer.manager)

    answer = text_answer('{"city": "Bern", "days": 2}')
    with ProviderServer(lambda request: echo if failing else answer) as server, instrumented(EVERYTHING), expecting:
        host = server.openai_base_url if surface.sdk == "openai" else server.anthropic_base_url
        options = {
            "api_key": SECRETS[0],
            "default_headers": {"x-mine": SECRETS[5]},
            "base_url": host.replace("http://", f"http://user:{SECRETS[6]}@"),
        }
        using(program, surface.sdk, server, ask, **options)
    recorded = repr([telemetry.spans, telemetry.logs, telemetry.points])
    assert len(telemetry.spans) == 1
    assert [secret for secret in SECRETS if secret in recorded] == []


HEAD = '{"id":"1","object":"chat.completion.chunk","created":1,"model":"m"'
CHAT_ENDS = data_event(HEAD + ',"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'), data_event("[DONE]")
MESSAGE_STARTS = named_event(
    "message_start",
    '{"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],'
    '"usage":{"input_tokens":1,"output_tokens":1}}}',
)
MESSAGE_ENDS = (
    named_event("message_delta", '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":null}'),
    named_event("message_stop", '{"type":"message_stop"}'),
)
ODD_CHAT = {
    "choices: null": '"choices":null}',
    "no choices": '"system_fingerprint":null}',
    "delta: null": '"choices":[{"index":0,"delta":null}]}',
    "no delta": '"choices":[{"index":0}]}',
    "no index": '"choices":[{"delta":{"content":"x"}}]}',
    "index: null": '"choices":[{"index":null,"delta":{"content":"x"},"finish_reason":null}]}',
    "usage: a word": '"choices":[],"usage":"none"}',
    "usage: empty": '"choices":[],"usage":{}}',
    "tool call without an index": '"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"{"}}]}}]}',
    "a megabyte": '"choices":[{"index":0,"delta":{"content":"' + "x" * 1_000_000 + '"}}]}',
    "unknown fields": '"choices":[{"index":0,"delta":{"telepathy":[1]},"mood":"good"}],"new":{"a":1}}',
}
ODD_MESSAGES = {
    "unknown event": named_event("telepathy", '{"type":"telepathy","thought":1}'),
    "ping": named_event("ping", '{"type":"ping"}'),
    "unknown block": named_event(
        "content_block_start", '{"type":"content_block_start","index":0,"content_block":{"type":"telepathy"}}'
    ),
    "block: null": named_event("content_block_start", '{"type":"content_block_start","index":0,"content_block":null}'),
    "delta: null": named_event("content_block_delta", '{"type":"content_block_delta","index":0,"delta":null}'),
    "unknown delta": named_event(
        "content_block_delta", '{"type":"content_block_delta","index":7,"delta":{"type":"telepathy_delta"}}'
    ),
    "second start": MESSAGE_STARTS,
    "usage: a word": named_event("message_delta", '{"type":"message_delta","delta":{},"usage":"none"}'),
    "message: null": named_event("message_start", '{"type":"message_start","message":null}'),
    "a list": named_event("message_delta", "[1]"),
}
ODD: dict[str, tuple[str, tuple[bytes, ...]]] = {
    **{f"chat, {name}": ("openai", (data_event(f"{HEAD},{rest}"), *CHAT_ENDS)) for name, rest in ODD_CHAT.items()},
    **{
        f"messages, {name}": ("anthropic", (MESSAGE_STARTS, event, *MESSAGE_ENDS))
        for name, event in ODD_MESSAGES.items()
    },
    "chat, a comment": ("openai", (b": keep alive\n\n", *CHAT_ENDS)),
    "chat, a number": ("openai", (data_event("1"), *CHAT_ENDS)),
    "chat, no JSON": ("openai", (data_event("{"), *CHAT_ENDS)),
    "chat, invalid UTF-8": ("openai", (b'data: "\xff"\n\n', *CHAT_ENDS)),
    "messages, no JSON": ("anthropic", (MESSAGE_STARTS, named_event("message_delta", "{"))),
    "messages, invalid UTF-8": ("anthropic", (b'event: message_stop\ndata: "\xff"\n\n',)),
    "chat, an error without words": ("openai", (data_event('{"error":{}}'), data_event('{"error":{"code":1}}'))),
    "messages, an error without JSON": ("anthropic", (named_event("error", "out of order"),)),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_stream_behaves_as_with_the_bare_sdk(
    odd: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    sdk, chunks = ODD[odd]
    bare = seen_of(RawAnswer(chunks=chunks), sdk, program)
    with instrumented(Settings(include_usage=False)):
        assert seen_of(RawAnswer(chunks=chunks), sdk, program) == bare
    (span,) = telemetry.spans
    failed = isinstance(bare[-1], tuple) and bare[-1][0] == "raised"
    assert ("failed" if failed else "completed") == span["attributes"]["firsttoken.outcome"]


def seen_of(reply: Reply, sdk: str, program: Program) -> list[Any]:
    """The chunks and the error that a program gets from this reply."""
    seen: list[Any] = []

    async def work(client: Any) -> None:
        iterator = program.iterate(await opened(program, client))
        try:
            while (chunk := await program.next(iterator)) is not DONE:
                seen.append(shown(chunk))
        except Exception as error:  # noqa: BLE001  to be compared
            seen.append(raised(error))

    with ProviderServer(lambda request: reply) as server:
        using(program, sdk, server, work)
    return seen
