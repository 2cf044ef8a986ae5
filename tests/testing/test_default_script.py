"""Without a script the server answers what was asked, and a request header brings about special cases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from pydantic import BaseModel

from firsttoken.call import Usage
from firsttoken.testing import SCENARIO_HEADER, DefaultScript, ProviderServer
from firsttoken.testing.models import MODELS
from firsttoken.testing.scenarios import SCENARIOS
from testing.callers import (
    CALLERS,
    MESSAGES,
    OPENAI,
    OPENAI_STREAM,
    STREAMS,
    Caller,
    anthropic_client,
    anthropic_stream,
    anthropic_whole,
    async_openai_client,
    openai_client,
    openai_stream,
    openai_stream_async,
    openai_whole,
)

SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer"},
        "unit": {"enum": ["celsius", "kelvin"]},
        "stops": {"type": "array", "items": {"$ref": "#/$defs/stop"}},
        "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    },
    "$defs": {"stop": {"type": "object", "properties": {"name": {"type": ["string", "null"]}}}},
}
SAMPLE = {"city": "Zürich", "days": 3, "unit": "celsius", "stops": [{"name": "Zürich"}], "note": None}
OPENAI_TOOL = {"type": "function", "function": {"name": "look_up", "parameters": SCHEMA}}
ANTHROPIC_TOOL = {"name": "look_up", "input_schema": SCHEMA}
FAILURES = (openai.APIError, anthropic.APIError, httpx2.TransportError)


def scenario(name: str) -> dict[str, Any]:
    return {"extra_headers": {SCENARIO_HEADER: name}}


def usage_of(caller: Caller, server: ProviderServer, **body: Any) -> Usage:
    usage = caller(server, **body).usage
    assert usage is not None
    return usage


@pytest.mark.parametrize("caller", CALLERS)
def test_equal_requests_get_equal_answers(server: ProviderServer, caller: Caller) -> None:
    assert caller(server) == caller(server)


@pytest.mark.parametrize(
    ("caller", "tool"),
    [
        (openai_stream, OPENAI_TOOL),
        (openai_whole, OPENAI_TOOL),
        (anthropic_stream, ANTHROPIC_TOOL),
        (anthropic_whole, ANTHROPIC_TOOL),
    ],
)
def test_a_tool_on_offer_is_called_with_arguments_of_its_schema(
    server: ProviderServer, caller: Caller, tool: dict[str, Any]
) -> None:
    seen = caller(server, tools=[tool])
    assert (seen.text, seen.tool_calls) == ("", (("look_up", SAMPLE),))


@pytest.mark.parametrize(
    ("caller", "body"),
    [
        (openai_stream, {"tools": [OPENAI_TOOL], "tool_choice": "none"}),
        (anthropic_stream, {"tools": [ANTHROPIC_TOOL], "tool_choice": {"type": "none"}}),
        (openai_stream, {"messages": [*MESSAGES, {"role": "tool", "tool_call_id": "1", "content": "42"}]}),
        (
            anthropic_stream,
            {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "42"}]}]},
        ),
    ],
)
def test_a_tool_is_not_called_when_it_may_not_be_or_was(
    server: ProviderServer, caller: Caller, body: dict[str, Any]
) -> None:
    seen = caller(server, **body)
    assert seen.text
    assert seen.tool_calls == ()


def test_structured_output_fits_its_schema(server: ProviderServer) -> None:
    class Trip(BaseModel):
        city: str
        days: int

    with openai_client(server) as client:
        completion = client.chat.completions.parse(model="gpt-4o", messages=MESSAGES, response_format=Trip)
    assert completion.choices[0].message.parsed == Trip(city="Zürich", days=3)
    assert json.loads(openai_stream(server, response_format={"type": "json_object"}).text)


@pytest.mark.parametrize(("caller", "reason"), [(openai_stream, "length"), (anthropic_whole, "max_tokens")])
def test_an_answer_ends_at_its_token_limit(server: ProviderServer, caller: Caller, reason: str) -> None:
    seen = caller(server, max_tokens=3)
    assert (seen.finish_reason, seen.usage and seen.usage.output_tokens) == (reason, 3)


@pytest.mark.parametrize("caller", [anthropic_stream, anthropic_whole])
def test_thinking_is_shown_where_it_is_asked_for(server: ProviderServer, caller: Caller) -> None:
    seen = caller(server, thinking={"type": "enabled", "budget_tokens": 1_024})
    assert seen.reasoning
    assert seen.usage is not None
    assert seen.usage.reasoning_tokens == 16


def test_a_reasoning_model_bills_what_it_does_not_show(server: ProviderServer) -> None:
    seen = openai_stream(server, model="o4-mini")
    assert seen.reasoning == ""
    assert seen.usage is not None
    assert seen.usage.reasoning_tokens == 192


@pytest.mark.parametrize(("name", "answered"), [("gpt-4o", "gpt-4o-2024-08-06"), ("atlas-70b", "atlas-70b")])
def test_a_known_model_answers_under_its_dated_name(server: ProviderServer, name: str, answered: str) -> None:
    assert openai_whole(server, model=name).model == answered
    assert name in MODELS or name == answered


def test_an_unknown_scenario_is_refused_with_those_there_are(server: ProviderServer) -> None:
    with pytest.raises(openai.BadRequestError, match="unknown x-firsttoken-scenario 'storm'; there are: cache-read, "):
        openai_whole(server, **scenario("storm"))


@pytest.mark.parametrize("name", ["rate-limit", "server-error", "unauthorized"])
@pytest.mark.parametrize("caller", [openai_stream, anthropic_whole])
def test_a_scenario_of_an_http_error_fails_at_once(server: ProviderServer, caller: Caller, name: str) -> None:
    with pytest.raises((openai.APIStatusError, anthropic.APIStatusError)):
        caller(server, **scenario(name))
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["error-mid-stream", "cut-mid-stream"])
@pytest.mark.parametrize("caller", STREAMS)
def test_a_scenario_of_a_broken_stream_fails_after_some_chunks(
    server: ProviderServer, caller: Caller, name: str
) -> None:
    with pytest.raises(FAILURES):
        caller(server, **scenario(name))
    assert server.wait_until_settled()[0].chunks_sent > 5


def test_a_scenario_of_a_rate_limit_is_over_with_the_second_try(server: ProviderServer) -> None:
    with openai_client(server) as gpt, anthropic_client(server) as claude:
        gpt.chat.completions.create(**OPENAI, **scenario("rate-limit-once"))
        claude.messages.create(model="m", max_tokens=9, messages=MESSAGES, **scenario("rate-limit-once"))
    assert [request.retry_count for request in server.requests] == [0, 1, 0, 1]


@pytest.mark.parametrize("caller", [openai_stream, anthropic_stream, openai_whole, anthropic_whole])
@pytest.mark.parametrize(
    ("name", "field"), [("cache-read", "cache_read_tokens"), ("cache-write", "cache_write_tokens")]
)
def test_a_scenario_of_a_cache_adds_to_the_prompt(
    server: ProviderServer, caller: Caller, name: str, field: str
) -> None:
    plain, cached = usage_of(caller, server), usage_of(caller, server, **scenario(name))
    assert getattr(cached, field) == 1_536
    assert cached.input_tokens == (plain.input_tokens or 0) + 1_536


def test_a_scenario_without_usage_reports_none(server: ProviderServer) -> None:
    seen = [caller(server, **scenario("no-usage")).usage for caller in (openai_stream, anthropic_stream)]
    assert seen == [None, None]


@pytest.mark.parametrize("caller", [openai_stream, openai_whole])
def test_a_scenario_of_reasoning_shows_it(server: ProviderServer, caller: Caller) -> None:
    seen = caller(server, **scenario("reasoning"))
    assert seen.reasoning == seen.text != ""


def test_a_scenario_of_a_hanging_stream_ends_when_the_caller_does(server: ProviderServer) -> None:
    async def give_up() -> None:
        async with async_openai_client(server) as client:
            async for _ in await client.chat.completions.create(**OPENAI_STREAM, **scenario("hang")):
                server.wait_for_requests(1)
                return

    asyncio.run(give_up())
    assert server.wait_until_settled()[0].client_disconnected is True


def test_a_scenario_of_silence_ends_with_the_client_s_patience(server: ProviderServer) -> None:
    with pytest.raises(openai.APITimeoutError):
        openai_whole(server, timeout=0.05, **scenario("silent"))
    assert server.wait_until_settled()[0].client_disconnected is True


def test_a_scenario_without_an_end_leaves_the_finish_reason_out(server: ProviderServer) -> None:
    assert openai_stream(server, **scenario("no-end")).finish_reason is None


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("slow-first-token", lambda reply: reply.delivery.first_after),
        ("stall", lambda reply: max(reply.delivery.before.values())),
    ],
)
def test_a_scenario_of_waiting_waits_for_more_than_a_second(name: str, held: Callable[[Any], float]) -> None:
    with ProviderServer() as server:
        openai_stream(server)
    request = replace(server.requests[0], headers={SCENARIO_HEADER: name})
    assert held(DefaultScript(pace=1.0)(request)) > 1.0
    assert held(DefaultScript(pace=0.5)(request)) == held(DefaultScript(pace=1.0)(request)) / 2


def test_every_scenario_has_a_sentence_to_explain_it() -> None:
    assert all((scenario.__doc__ or "").endswith(".") for scenario in SCENARIOS.values())


@pytest.mark.parametrize("caller", [openai_stream, openai_whole, openai_stream_async])
def test_a_paced_script_takes_its_time_and_gives_the_same_answer(server: ProviderServer, caller: Caller) -> None:
    with ProviderServer(DefaultScript(pace=0.02)) as paced:
        assert caller(paced) == caller(server)
