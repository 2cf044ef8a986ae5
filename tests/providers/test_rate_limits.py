"""What is left of rate limits is read from the headers of an answer, and whatever is garbage is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call import RateLimits
from firsttoken.providers.rate_limits import FIELDS, rate_limits_of

ANSWERED: Final = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def read(**headers: str) -> RateLimits | None:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return rate_limits_of(named, ANSWERED)


def test_openai_tells_of_requests_and_tokens() -> None:
    headers = {
        "X-RateLimit-Limit-Requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "8.64s",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert read(**headers) == RateLimits(10_000, 9_999, 8_640_000_000, 200_000, 0, 360_000_000_000)


def test_anthropic_tells_of_tokens_both_ways_and_when_they_are_back() -> None:
    headers = {
        "date": "Sun, 22 Nov 2026 11:59:00 GMT",
        "anthropic-ratelimit-input-tokens-limit": "450000",
        "anthropic-ratelimit-input-tokens-remaining": "449000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-22T11:59:30Z",
        "anthropic-ratelimit-output-tokens-limit": "90000",
        "anthropic-ratelimit-output-tokens-remaining": "7",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-22T12:00:00+00:00",
    }
    assert read(**headers) == RateLimits(
        input_tokens_limit=450_000,
        input_tokens_remaining=449_000,
        input_tokens_reset_ns=30_000_000_000,
        output_tokens_limit=90_000,
        output_tokens_remaining=7,
        output_tokens_reset_ns=60_000_000_000,
    )


@pytest.mark.parametrize(
    ("expected_ns", "value"),
    [
        (360_000_000_000, "6m0s"),
        (1_000_000_000, "1s"),
        (20_000_000, "20ms"),
        (59_700_000, "59.7ms"),
        (93_784_005_000_000, "1d2h3m4s5ms"),
        (0, "0s"),
        (0, "2020-01-01T00:00:00Z"),
        (90_000_000_000, "2026-11-22T12:01:30Z"),
        (90_000_000_000, " 2026-11-22T13:01:30+01:00 "),
        (None, "2026-11-22T12:01:30"),
        (None, "soon"),
        (None, "12"),
        (None, "-1s"),
        (None, "1e3s"),
        (None, "s"),
        (None, ""),
        (None, "1s2"),
        (None, "9999-12-31T00:00:00Z"),
        (None, "999999999d"),
        (None, "1s" * 30),
        (None, "\u0661s"),
    ],
)
def test_a_reset_is_a_duration_or_a_moment(expected_ns: int | None, value: str) -> None:
    found = read(**{"x-ratelimit-limit-requests": "1", "x-ratelimit-reset-requests": value})
    assert found == RateLimits(requests_limit=1, requests_reset_ns=expected_ns)


@pytest.mark.parametrize(
    "value", ["", "-1", "1.5", "many", "1e9", "0x10", "9" * 16, "\u0661\u0662", "1 2", "unlimited"]
)
def test_a_count_that_is_none_is_unknown(value: str) -> None:
    assert read(**{"x-ratelimit-remaining-tokens": value}) is None


@pytest.mark.parametrize("headers", [{}, {"date": "now"}, {"x-ratelimit-limit": "3"}, {"x-request-id": "r"}])
def test_an_answer_that_tells_nothing_has_no_limits(headers: dict[str, Any]) -> None:
    assert read(**headers) is None


@given(st.lists(st.tuples(st.sampled_from([*FIELDS, b"date", b"other"]), st.binary(max_size=50))))
def test_no_header_at_all_does_harm(headers: list[tuple[bytes, bytes]]) -> None:
    found = rate_limits_of(headers, ANSWERED)
    assert found is None or found != RateLimits()
