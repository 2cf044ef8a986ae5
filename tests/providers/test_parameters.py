"""What a request body says."""

from __future__ import annotations

from typing import Any

import pytest

from firsttoken.call import Parameters
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_completions import OpenAICompletions
from firsttoken.providers.openai_embeddings import OpenAIEmbeddings
from firsttoken.providers.openai_responses import OpenAIFetchResponse, OpenAIResponses
from firsttoken.providers.wire import Wire

CHAT, MESSAGES, RESPONSES = OpenAIChat(), AnthropicMessages(), OpenAIResponses()
FETCH, EMBEDDINGS, COMPLETIONS = OpenAIFetchResponse(), OpenAIEmbeddings(), OpenAICompletions()
EVERY_WIRE = pytest.mark.parametrize(
    "wire",
    [CHAT, MESSAGES, RESPONSES, FETCH, EMBEDDINGS, COMPLETIONS],
    ids=["chat", "messages", "responses", "fetch", "embeddings", "completions"],
)


@EVERY_WIRE
def test_a_body_without_parameters_sets_none(wire: Wire) -> None:
    assert Parameters() == wire.parameters({"model": "m", "messages": []})


@EVERY_WIRE
@pytest.mark.parametrize("garbage", [None, object(), [], {}, [[]], {"type": {}}, b"", 1 + 2j, (i for i in "ab")])
def test_values_of_a_wrong_type_are_not_set(wire: Wire, garbage: object) -> None:
    body = dict.fromkeys(
        (
            *("max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "frequency_penalty", "seed", "n"),
            *("presence_penalty", "stop", "stop_sequences", "reasoning_effort", "response_format", "service_tier"),
            *("modalities", "output_config", "output_format", "max_output_tokens", "reasoning", "text", "dimensions"),
            *("previous_response_id", "conversation", "starting_after", "encoding_format"),
        ),
        garbage,
    )
    assert Parameters() == wire.parameters(body)


@EVERY_WIRE
@pytest.mark.parametrize("far", [2**63, -(2**63) - 1, 10**400])
def test_a_number_that_otlp_cannot_carry_is_not_set(wire: Wire, far: int) -> None:
    counts = ("max_tokens", "max_output_tokens", "seed", "top_k", "n", "dimensions", "starting_after")
    body = {**dict.fromkeys(counts, far), "temperature": 10**400}
    assert Parameters() == wire.parameters(body)


@EVERY_WIRE
def test_a_one_shot_iterator_is_left_for_the_sdk_to_read(wire: Wire) -> None:
    words = iter(["END"])
    wire.parameters(dict.fromkeys(("stop", "stop_sequences", "modalities", "encoding_format", "input"), words))
    assert list(words) == ["END"]


def test_chat_parameters_are_read_as_they_were_sent() -> None:
    body = {
        "max_tokens": 10,
        "temperature": 0,
        "top_p": 0.25,
        "frequency_penalty": -1.5,
        "presence_penalty": 2,
        "stop": ["END", "STOP"],
        "seed": 0,
        "n": 3,
        "reasoning_effort": "minimal",
        "response_format": {"type": "json_schema", "json_schema": {"name": "x"}},
        "service_tier": "flex",
        "top_logprobs": 5,
    }
    expected = Parameters(
        max_tokens=10,
        temperature=0.0,
        top_p=0.25,
        frequency_penalty=-1.5,
        presence_penalty=2.0,
        stop_sequences=("END", "STOP"),
        seed=0,
        choice_count=3,
        reasoning_level="minimal",
        output_type="json",
        service_tier="flex",
    )
    assert expected == CHAT.parameters(body)


def test_the_newer_name_of_the_token_limit_wins() -> None:
    assert Parameters(max_tokens=0) == CHAT.parameters({"max_tokens": 10, "max_completion_tokens": 0})


@pytest.mark.parametrize("body", [{"n": 1}, {"service_tier": "auto"}, {"stop": ""}, {"stop": []}, {"stop": ["a", 1]}])
def test_what_is_the_default_anyway_counts_as_not_set(body: dict[str, Any]) -> None:
    assert Parameters() == CHAT.parameters(body)


@pytest.mark.parametrize(
    ("output_type", "body"),
    [
        ("text", {"response_format": {"type": "text"}}),
        ("json", {"response_format": {"type": "json_object"}}),
        ("json", {"response_format": {"type": "json_schema"}}),
        (None, {"response_format": {"type": "grammar"}}),
        ("speech", {"modalities": ["text", "audio"]}),
        (None, {"modalities": ["text"]}),
    ],
)
def test_the_output_type_is_what_the_chat_request_names(output_type: str | None, body: dict[str, Any]) -> None:
    assert output_type == CHAT.parameters(body).output_type


def test_message_parameters_are_read_as_they_were_sent() -> None:
    body = {
        "max_tokens": 10,
        "temperature": 1,
        "top_p": 0.25,
        "top_k": 5,
        "stop_sequences": ["END"],
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": {}}},
        "service_tier": "standard_only",
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    }
    expected = Parameters(
        max_tokens=10,
        temperature=1.0,
        top_p=0.25,
        top_k=5,
        stop_sequences=("END",),
        reasoning_level="high",
        output_type="json",
        service_tier="standard_only",
    )
    assert expected == MESSAGES.parameters(body)


def test_the_beta_spelling_of_an_output_format_counts_as_well() -> None:
    assert Parameters(output_type="json") == MESSAGES.parameters({"output_format": {"type": "json_schema"}})


def test_response_parameters_are_read_as_they_were_sent() -> None:
    body = {
        "max_output_tokens": 10,
        "temperature": 0,
        "top_p": 0.25,
        "reasoning": {"effort": "xhigh", "summary": "auto"},
        "text": {"format": {"type": "json_schema", "name": "x", "schema": {}}, "verbosity": "low"},
        "service_tier": "flex",
        "previous_response_id": "resp_0",
        "conversation": {"id": "conv_1"},
        "top_logprobs": 5,
    }
    expected = Parameters(
        max_tokens=10,
        temperature=0.0,
        top_p=0.25,
        reasoning_level="xhigh",
        output_type="json",
        service_tier="flex",
        previous_response_id="resp_0",
        conversation_id="conv_1",
    )
    assert expected == RESPONSES.parameters(body)


def test_a_conversation_may_be_named_by_its_id_alone() -> None:
    assert Parameters(conversation_id="conv_1") == RESPONSES.parameters({"conversation": "conv_1"})


@pytest.mark.parametrize("cursor", [0, "0"])
def test_a_fetch_is_about_one_response_and_may_take_its_stream_up_again(cursor: object) -> None:
    fetch, asked = OpenAIFetchResponse("a%2Fb"), {"starting_after": cursor, "stream": True}
    assert (Parameters(stream_cursor="0"), "a/b") == (fetch.parameters(asked), fetch.response_id)
    assert [FETCH.response_id, CHAT.response_id, RESPONSES.response_id] == [None, None, None]


def test_embeddings_have_a_form_and_a_size() -> None:
    body = {"input": ["a"], "encoding_format": "base64", "dimensions": 256}
    assert Parameters(encoding_formats=("base64",), dimension_count=256) == EMBEDDINGS.parameters(body)


def test_legacy_completions_have_the_parameters_of_chat() -> None:
    body = {"max_tokens": 16, "n": 2, "stop": "END", "seed": 7, "temperature": 0.5}
    assert CHAT.parameters(body) == COMPLETIONS.parameters(body)
    assert COMPLETIONS.parameters(body).max_tokens == 16


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({"include_usage": True}, None),
        ({"include_usage": True}, {}),
        ({"include_obfuscation": False, "include_usage": True}, {"include_obfuscation": False}),
    ],
)
def test_usage_is_asked_for_beside_the_callers_own_options(asked: dict[str, Any], options: object) -> None:
    body = {"model": "m", "stream": True} | ({} if options is None else {"stream_options": options})
    before = dict(body)
    assert {**body, "stream_options": asked} == CHAT.ask_for_usage(body)
    assert before == body


@pytest.mark.parametrize("options", [{"include_usage": True}, {"include_usage": False}, "none of ours"])
def test_a_caller_who_decided_about_usage_is_not_overruled(options: object) -> None:
    assert CHAT.ask_for_usage({"stream_options": options}) is None


def test_legacy_completions_are_asked_for_usage_too() -> None:
    assert (COMPLETIONS.ask_for_usage({"prompt": "a"}) or {}).get("stream_options") == {"include_usage": True}
    assert COMPLETIONS.is_usage_only({"choices": [], "usage": {"prompt_tokens": 1}})


@pytest.mark.parametrize("wire", [MESSAGES, RESPONSES, FETCH])
def test_these_report_usage_unasked(wire: Wire) -> None:
    assert wire.ask_for_usage({"stream": True}) is None
    assert not wire.is_usage_only({"type": "message_delta", "usage": {"output_tokens": 1}})
