"""Calls of which everything is known, and any call that there can be."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from described import CHAT, any_of
from hypothesis import strategies as st

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    EventCounts,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    Request,
    Response,
    Sizes,
    Stage,
    Stall,
    Timing,
    Unpriced,
    Usage,
)
from firsttoken.call.packed_timeline import packed, words_of

REFUSED: Final = Attempt(10, 5, Category.RATE_LIMIT, 429, None, "rate_limit_error", "req_1", 4)
UNANSWERED: Final = Attempt(20, 6, Category.TIMEOUT, exception_type="httpx.ReadTimeout")

FULL: Final = Call(
    request=replace(
        CHAT,
        api="openai.responses",
        model="gpt-5",
        parameters=Parameters(temperature=0.5, stop_sequences=("END",)),
        context=CallContext(user_id="u-1", run_id="r-1", tags=("a", "b"), more={"plan": "pro", "beta": True, "n": 3}),
    ),
    timing=Timing(1_700_000_000_000_000_000, 900, headers_ns=100, first_chunk_ns=200, first_token_ns=300),
    outcome=Outcome.FAILED,
    response=Response("resp_1", "gpt-5-2026-01-01", ("error",), "req_3", 200),
    usage=Usage(input_tokens=100, output_tokens=0, partial=True),
    raw_usage='{"input_tokens":100,"new":{"counts":[1]}}',
    failure=Failure("server_error", "It broke.", "openai.APIError", "Traceback …", Category.SERVER, Stage.MID_STREAM),
    cost=Ledger(Decimal("0.10"), Decimal(0), Decimal(0), Decimal("0.000000000000000001"), "USD", "list", "2026-01-01"),
    resend_count=2,
    attempts=(REFUSED, UNANSWERED),
    stalls=(Stall(400, 100),),
    sizes=Sizes(2_000, 3_000, 1_500, 12),
    events=EventCounts(3, {"response.created": 1, "response.output_text.delta": 2}, "response.output_text.delta"),
    novelties=("event response.dreamt",),
    timeline=packed(words_of([100, 100, 10, 90, 1, 599]), [(1, 2), (2, 1)]),
)

WORDS: Final = st.text(max_size=10)
AMOUNTS: Final = st.decimals(0, 1000, allow_nan=False, allow_infinity=False)
NUMBERS: Final = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES: Final = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
"""Decoded JSON, with texts that UTF-8 cannot encode and numbers that OTLP cannot carry."""

INTEGERS: Final = st.integers(-(2**63), 2**63 - 1)
FINITE: Final = st.floats(allow_nan=False, allow_infinity=False)
"""Those that equal themselves."""

NUMBERS_OF: Final[dict[str, st.SearchStrategy[Any]]] = {
    "int": INTEGERS,
    "int | None": st.none() | INTEGERS,
    "float | None": st.none() | FINITE,
    "Decimal": AMOUNTS,
    "Decimal | None": st.none() | AMOUNTS,
    "Mapping[str, int]": st.dictionaries(WORDS, INTEGERS, max_size=3),
}


def _any(kind: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """With numbers that OTLP can carry."""
    return any_of(kind, NUMBERS_OF, **given)


def _some(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.lists(_any(kind), max_size=3).map(tuple)


CONTEXTS: Final = _any(
    CallContext, more=st.dictionaries(WORDS, WORDS | st.booleans() | INTEGERS | FINITE | st.lists(WORDS).map(tuple))
)


def calls() -> st.SearchStrategy[Call]:
    """Any call that can be described, with a usage object that is JSON."""
    return _any(
        Call,
        request=_any(Request, parameters=_any(Parameters), context=CONTEXTS),
        timing=_any(Timing),
        response=_any(Response),
        usage=st.none() | _any(Usage),
        raw_usage=st.none() | st.dictionaries(WORDS, VALUES, max_size=3).map(json.dumps),
        failure=st.none() | _any(Failure),
        cost=st.none() | _any(Ledger) | _any(Unpriced),
        resend_count=st.integers(0, 5),
        attempts=_some(Attempt),
        stalls=_some(Stall),
        content=st.none(),
        sizes=_any(Sizes),
        events=st.none() | _any(EventCounts),
    )
