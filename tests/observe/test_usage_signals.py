"""What a provider reports that a call used reaches every signal that has a place for it, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Usage
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Delivery,
    ProviderServer,
    RawAnswer,
    cached_answer,
    data_event,
    named_event,
    text_answer,
)
from observe.asking import streamed, using, whole
from observe.program import DONE, Program
from observe.surfaces import REQUESTS, STREAMS, WHOLE, Surface

Instrumented = Callable[..., AbstractContextManager[None]]

RAW = "firsttoken.usage.raw"
ASKED = {"stream_options": {"include_usage": True}}
FETCHES = "fetch_response"
TOKENS = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "firsttoken.usage.partial")


def attributes_of(telemetry: CapturedTelemetry) -> dict[str, Any]:
    (span,) = telemetry.spans
    return dict(span["attributes"])


def counted(telemetry: CapturedTelemetry, direction: str) -> dict[str, float]:
    """The tokens of one direction, by modality."""
    points = telemetry.points_of(f"gen_ai.client.inference.usage.{direction}_tokens")
    return {point["attributes"]["gen_ai.token.modality"]: point["value"] for point in points}


INFERENCES = [surface for surface in (*STREAMS, *WHOLE) if surface.api.operation != FETCHES]


@pytest.mark.parametrize("surface", INFERENCES, ids=lambda surface: surface.name)
def test_the_providers_own_usage_object_is_on_the_span_and_the_event_and_in_no_metric(
    surface: Surface, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(replace(cached_answer('{"city": "Bern", ', '"days": 2}', read=100), id="a"))
    more = ASKED if surface in STREAMS and surface.api.ends_by_done else {}

    async def ask(client: Any) -> None:
        opened = await surface.ask(program, client, **more)
        if surface in STREAMS:
            iterator = program.iterate(opened.stream)
            while await program.next(iterator) is not DONE:
                pass
            await program.leave(opened.manager)

    with instrumented():
        using(program, surface.sdk, server, ask)
    told = attributes_of(telemetry)
    raw = json.loads(told[RAW])
    assert told["gen_ai.usage.output_tokens"] in raw.values()
    assert "cached_tokens" in told[RAW] or raw["cache_read_input_tokens"] == 100
    (event,) = telemetry.logs
    assert told[RAW] == event["attributes"][RAW]
    assert [point for point in telemetry.points if RAW in point["attributes"]] == []


@pytest.mark.parametrize("surface", [each for each in STREAMS if each.api.operation == FETCHES], ids=lambda s: s.name)
def test_a_fetch_tells_nothing_of_usage(
    surface: Surface, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask(client: Any) -> None:
        opened = await surface.ask(program, client)
        await program.leave(opened.manager)

    with instrumented():
        using(program, surface.sdk, server, ask)
    assert RAW not in attributes_of(telemetry)


MIXED = Usage(
    input_tokens=100,
    output_tokens=50,
    input_text_tokens=60,
    input_image_tokens=30,
    input_audio_tokens=10,
    output_image_tokens=20,
)


@pytest.mark.parametrize("ask", [streamed, whole])
def test_text_images_and_audio_are_told_apart_on_the_span_and_in_the_counters(
    ask: Any, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer(usage=MIXED))
    more = ASKED if ask is streamed else {}
    with instrumented():
        using(program, "openai", server, lambda client: ask(program, client, **more))
    told = {name: value for name, value in attributes_of(telemetry).items() if name.startswith("gen_ai.usage.")}
    assert told == {
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.text.input_tokens": 60,
        "gen_ai.usage.image.input_tokens": 30,
        "gen_ai.usage.audio.input_tokens": 10,
        "gen_ai.usage.image.output_tokens": 20,
    }
    assert counted(telemetry, "input") == {"text": 60, "image": 30, "audio": 10}
    assert counted(telemetry, "output") == {"image": 20, "unknown": 30}


HEAD = '{"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":'


def chat(choices: str, usage: str = "null") -> bytes:
    return data_event(f'{HEAD}{choices},"usage":{usage}}}')


def counts(prompt: int, completion: int) -> str:
    return f'{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{prompt + completion}}}'


WORD = '[{"index":0,"delta":{"content":"x"},"finish_reason":null}]'
STOP = '[{"index":0,"delta":{},"finish_reason":"stop"}]'
DONE_EVENT = data_event("[DONE]")
CHATS = {
    "on every chunk": ((chat(WORD, counts(9, 1)), chat(WORD, counts(9, 2)), chat(STOP, counts(9, 3))), (9, 3, None)),
    "once, late": ((chat(WORD), chat(STOP), chat("[]", counts(9, 3))), (9, 3, None)),
    "zero, then real": ((chat(WORD, counts(0, 0)), chat(STOP, counts(0, 0)), chat("[]", counts(9, 3))), (9, 3, None)),
    "real, then zero": ((chat(WORD), chat(STOP, counts(9, 3)), chat("[]", counts(0, 0))), (None, None, None)),
    "never": ((chat(WORD), chat(STOP)), (None, None, None)),
    "zero for ever": ((chat(WORD, counts(0, 0)), chat(STOP, counts(0, 0))), (None, None, None)),
    "in the choice": ((chat(WORD), chat(STOP.replace("}]", f',"usage":{counts(9, 3)}}}]'))), (9, 3, None)),
    "by the input alone": ((chat(WORD), chat(STOP, '{"prompt_tokens":9}')), (9, None, None)),
}


@pytest.mark.parametrize("told", CHATS)
def test_usage_in_a_chat_stream_is_the_last_one_told(
    told: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    chunks, expected = CHATS[told]
    with ProviderServer(lambda request: RawAnswer(chunks=(*chunks, DONE_EVENT))) as server, instrumented():
        using(program, "openai", server, lambda client: streamed(program, client))
    found = attributes_of(telemetry)
    assert expected == tuple(found.get(name) for name in TOKENS)
    assert sum(counted(telemetry, "output").values()) == (expected[1] or 0)


def test_what_a_server_that_counts_as_it_goes_had_counted_when_it_was_cut_is_partial(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    chunks = chat(WORD, counts(9, 1)), chat(WORD, counts(9, 2))
    with ProviderServer(lambda request: RawAnswer(chunks=chunks)) as server, instrumented():
        using(program, "openai", server, lambda client: streamed(program, client))
    found = attributes_of(telemetry)
    assert tuple(found.get(name) for name in TOKENS) == (9, 2, True)
    assert json.loads(found[RAW])["completion_tokens"] == 2


def message(name: str, body: str) -> bytes:
    return named_event(name, f'{{"type":"{name}",{body}}}')


OPENING = (
    '"message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":10,'
    '"output_tokens":1,"cache_read_input_tokens":200,"cache_creation_input_tokens":30,"cache_creation":'
    '{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":10},"service_tier":"priority"}}'
)


def ending(usage: str) -> bytes:
    return message("message_delta", f'"delta":{{"stop_reason":"end_turn"}},"usage":{usage}')


STARTS = message("message_start", OPENING)
STOPS = named_event("message_stop", '{"type":"message_stop"}')


def test_everything_that_a_message_counts_is_told_once(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    last = (
        '{"output_tokens":40,"output_tokens_details":{"thinking_tokens":15},"input_tokens":12,'
        '"cache_read_input_tokens":210,"server_tool_use":{"web_search_requests":3,"web_fetch_requests":1}}'
    )
    chunks = STARTS, ending('{"output_tokens":20,"input_tokens":11}'), ending(last), STOPS
    with ProviderServer(lambda request: RawAnswer(chunks=chunks)) as server, instrumented():
        using(program, "anthropic", server, lambda client: streamed(program, client))
    found = attributes_of(telemetry)
    usage = {name: value for name, value in found.items() if ".usage." in name and name != RAW}
    assert usage == {
        "gen_ai.usage.input_tokens": 12 + 210 + 30,
        "gen_ai.usage.output_tokens": 40,
        "gen_ai.usage.cache_read.input_tokens": 210,
        "gen_ai.usage.cache_write.input_tokens": 30,
        "firsttoken.usage.cache_write_5m.input_tokens": 20,
        "firsttoken.usage.cache_write_1h.input_tokens": 10,
        "gen_ai.usage.reasoning.output_tokens": 15,
        "firsttoken.usage.web_search.requests": 3,
        "firsttoken.usage.web_fetch.requests": 1,
    }
    assert found["firsttoken.response.service_tier"] == "priority"
    assert counted(telemetry, "input") == {"unknown": 252}
    raw = json.loads(found[RAW])
    assert (
        raw["input_tokens"],
        raw["output_tokens"],
        raw["service_tier"],
        raw["server_tool_use"]["web_search_requests"],
    ) == (12, 40, "priority", 3)


def test_a_message_that_is_cut_has_its_input_and_no_output(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer(lambda request: RawAnswer(chunks=(STARTS,))) as server, instrumented():
        using(program, "anthropic", server, lambda client: streamed(program, client))
    assert tuple(attributes_of(telemetry).get(name) for name in TOKENS) == (240, None, True)


def test_partial_usage_of_a_stream_that_its_caller_leaves_is_marked(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(cached_answer("One", " two", read=100, delivery=Delivery()))

    async def leave(client: Any) -> None:
        stream = await program.get(client.messages.create(stream=True, **REQUESTS["anthropic"]))
        await program.next(program.iterate(stream))
        await program.close(stream)

    with instrumented():
        using(program, "anthropic", server, leave)
    found = attributes_of(telemetry)
    assert found["firsttoken.usage.partial"] is True
    assert "gen_ai.usage.output_tokens" not in found


def test_embeddings_keep_their_usage_object(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(Answer(usage=Usage(input_tokens=9)))
    with instrumented():
        using(
            program,
            "openai",
            server,
            lambda client: program.get(client.embeddings.create(model="text-embedding-3-small", input="x")),
        )
    assert json.loads(attributes_of(telemetry)[RAW]) == {"prompt_tokens": 9, "total_tokens": 9}
