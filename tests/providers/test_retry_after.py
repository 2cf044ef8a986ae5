"""How long a provider asks to wait, in each of the ways to say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import OPENAI_HTTP as HTTP

from firsttoken.providers.retry_after import retry_after_ns

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LATER = "Sun, 22 Nov 2026 12:00:30 GMT"
S = 1_000_000_000


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "20"}, 20 * S),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1_500_000_000),
        ({"Retry-After": "20"}, 20 * S),
        ({"retry-after-ms": "250"}, 250_000_000),
        ({"retry-after-ms": "250", "retry-after": "1"}, 250_000_000),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1 * S),
        ({"retry-after": LATER}, 30 * S),
        ({"retry-after": LATER, "date": "Sun, 22 Nov 2026 12:00:10 GMT"}, 20 * S),
        ({"retry-after": LATER, "date": "yesterday"}, 30 * S),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:30 -0000"}, 30 * S),
    ],
)
def test_what_is_asked_for_is_understood(headers: dict[str, str], expected: int) -> None:
    assert expected == retry_after_ns(HTTP.Headers(headers), NOW)


@pytest.mark.parametrize(
    "value", ["", "soon", "-1", "nan", "inf", "1e300", "99999999999999", "Sun, 22 Nov 9999 12:00:00 GMT", "1, 2"]
)
def test_what_nobody_can_mean_is_unknown(value: str) -> None:
    assert retry_after_ns(HTTP.Headers({"retry-after": value}), NOW) is None
    assert retry_after_ns(HTTP.Headers({"retry-after-ms": value}), NOW) is None


def test_nothing_is_asked_for_where_the_headers_are_silent() -> None:
    assert retry_after_ns({}, NOW) is None


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms", "date"]), st.text()))
def test_no_header_makes_reading_raise(headers: dict[str, str]) -> None:
    found = retry_after_ns(headers, NOW)
    assert found is None or 0 <= found < 2**63
