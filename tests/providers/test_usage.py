"""From the counts of a provider to ours."""

from __future__ import annotations

from typing import Any

import anthropic.types
import openai.types
import pytest
from installed import found, needs

from firsttoken.call import Usage
from firsttoken.providers import message_usage, openai_chat, openai_responses

SEEN = {"text_tokens": 5, "image_tokens": 4}
READERS = pytest.mark.parametrize(
    "read",
    [openai_chat.read_usage, openai_responses.read_usage, message_usage.own_usage],
    ids=["chat", "responses", "messages"],
)


@READERS
@pytest.mark.parametrize("nothing", [None, {}, [], "12", {"prompt_tokens": None, "input_tokens": None}])
def test_a_usage_that_says_nothing_is_unknown(read: Any, nothing: object) -> None:
    assert read(nothing) is None


@READERS
@pytest.mark.parametrize("count", ["12", 12.0, True, -1, 2**63, [12]])
def test_a_count_that_is_no_count_is_unknown(read: Any, count: object) -> None:
    usage = {"prompt_tokens": count, "input_tokens": count, "completion_tokens": 5, "output_tokens": 5}
    assert Usage(output_tokens=5) == read(usage)


@READERS
def test_zeros_throughout_mean_that_nobody_counted(read: Any) -> None:
    zeros = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"), 0)
    assert read(zeros) is None


def test_chat_totals_are_taken_as_given_and_their_parts_beside_them() -> None:
    counts = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 10, "audio_tokens": 6, **SEEN},
        "completion_tokens_details": {
            "reasoning_tokens": 32,
            "audio_tokens": 8,
            "accepted_prediction_tokens": 3,
            **SEEN,
        },
    }
    expected = Usage(
        input_tokens=100,
        output_tokens=50,
        cache_read_tokens=64,
        cache_write_tokens=10,
        reasoning_tokens=32,
        input_text_tokens=5,
        output_text_tokens=5,
        input_image_tokens=4,
        output_image_tokens=4,
        input_audio_tokens=6,
        output_audio_tokens=8,
    )
    assert expected == openai_chat.read_usage(counts)
    assert expected == openai_chat.read_usage(openai.types.CompletionUsage.model_validate(counts))


def test_chat_parts_that_are_not_reported_stay_unknown_and_reported_zeros_stay_zero() -> None:
    counts = {"prompt_tokens": 3, "completion_tokens": 0, "completion_tokens_details": {"reasoning_tokens": 0}}
    assert Usage(input_tokens=3, output_tokens=0, reasoning_tokens=0) == openai_chat.read_usage(counts)


@pytest.mark.parametrize(
    ("cached", "usage"),
    [
        (64, {"prompt_tokens_details": {"cached_tokens": 64}}),
        (64, {"prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}),
        (64, {"cached_tokens": 64}),
        (0, {"prompt_tokens_details": {"cached_tokens": 0}, "cached_tokens": 64}),
        (None, {"prompt_tokens_details": {"cached_tokens": None}}),
    ],
)
def test_cached_tokens_are_found_where_compatible_servers_put_them(cached: int | None, usage: dict[str, Any]) -> None:
    expected = Usage(input_tokens=100, output_tokens=5, cache_read_tokens=cached)
    assert expected == openai_chat.read_usage({"prompt_tokens": 100, "completion_tokens": 5, **usage})


def test_response_totals_are_taken_as_given_and_their_parts_beside_them() -> None:
    counts = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 10},
        "output_tokens": 50,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 150,
    }
    expected = Usage(
        input_tokens=100, output_tokens=50, cache_read_tokens=64, cache_write_tokens=10, reasoning_tokens=0
    )
    assert expected == openai_responses.read_usage(counts)


@needs("openai.types.responses.ResponseUsage")
def test_the_sdks_own_usage_of_a_response_is_read_like_a_plain_one() -> None:
    counts = {
        "input_tokens": 100,
        "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 10},
        "output_tokens": 50,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 150,
    }
    usage = found("openai.types.responses.ResponseUsage").model_validate(counts)
    assert openai_responses.read_usage(counts) == openai_responses.read_usage(usage)


def test_message_input_is_the_sum_of_what_anthropic_counts_apart() -> None:
    counts = {
        "input_tokens": 10,
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
        "output_tokens": 40,
        "output_tokens_details": {"thinking_tokens": 15},
        "server_tool_use": {"web_search_requests": 3, "web_fetch_requests": 0},
        "service_tier": "standard",
    }
    expected = Usage(
        input_tokens=240,
        output_tokens=40,
        cache_read_tokens=200,
        cache_write_tokens=30,
        cache_write_5m_tokens=20,
        cache_write_1h_tokens=10,
        reasoning_tokens=15,
        web_search_requests=3,
        web_fetch_requests=0,
    )
    assert expected == message_usage.own_usage(counts)
    assert expected == message_usage.own_usage(anthropic.types.Usage.model_validate(counts))


def test_cached_message_tokens_do_not_make_an_unknown_input_known() -> None:
    counts = {"cache_read_input_tokens": 200, "output_tokens": 4}
    assert Usage(output_tokens=4, cache_read_tokens=200) == message_usage.own_usage(counts)


def test_a_prompt_that_came_from_the_cache_alone_is_a_real_input() -> None:
    counts = {"input_tokens": 0, "cache_read_input_tokens": 200, "output_tokens": 0}
    expected = Usage(input_tokens=200, output_tokens=0, cache_read_tokens=200)
    assert expected == message_usage.own_usage(counts)


@pytest.mark.parametrize(
    ("output_tokens", "total"),
    [(4308, 14428), (1499, 11619), (1499, 14427), (1499, None)],
    ids=["beside", "within", "neither", "no_total"],
)
def test_reasoning_beside_the_completion_is_output_where_the_total_says_so(output_tokens, total):
    told = {"prompt_tokens": 10120, "completion_tokens": 1499, "total_tokens": total}
    usage = openai_chat.read_usage(told | {"completion_tokens_details": {"reasoning_tokens": 2809}})
    assert (output_tokens, 2809) == (usage.output_tokens, usage.reasoning_tokens)


def test_cached_tokens_of_responses_are_read_by_the_names_of_perplexity_too() -> None:
    details = {"cache_read_input_tokens": 7, "cache_creation_input_tokens": 0}
    usage = openai_responses.read_usage({"input_tokens": 10, "output_tokens": 1, "input_tokens_details": details})
    assert usage == Usage(input_tokens=10, output_tokens=1, cache_read_tokens=7, cache_write_tokens=0)
