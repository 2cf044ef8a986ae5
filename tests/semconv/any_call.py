"""Any call that can be described, for properties over all of them."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from described import any_of
from hypothesis import strategies as st

from firsttoken.call import (
    OPERATIONS,
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
    operation_called,
)

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
COUNTS = st.integers(0, 2**53)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NANOSECONDS = st.integers(0, 2**51)
"""A number of seconds that is a double gives each nanosecond back for twenty-six days."""
AMOUNTS = st.decimals(0, 1000, allow_nan=False, allow_infinity=False, places=9)
"""Fewer digits than a double has: a price per million tokens times a count."""

OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": WORDS,
    "str | None": st.none() | WORDS,
    "int | None": st.none() | COUNTS,
    "int": COUNTS,
    "float | None": st.none() | NUMBERS,
    "bool": st.booleans(),
    "tuple[str, ...] | None": st.none() | st.lists(WORDS, max_size=4).map(tuple),
}


def _any(kind: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """With texts and numbers that attributes can carry."""
    return any_of(kind, OF_TYPE, **given)


TIMINGS = _any(
    Timing,
    started_unix_ns=st.integers(0, 2**62),
    duration_ns=NANOSECONDS,
    **{
        field.name: st.none() | NANOSECONDS
        for field in fields(Timing)
        if field.name.endswith("_ns") and field.name not in ("started_unix_ns", "duration_ns")
    },
)
LEDGERS = _any(
    Ledger,
    **dict.fromkeys(("input", "cache_read", "cache_write", "output", "tools"), st.none() | AMOUNTS),
    unsplit=AMOUNTS,
)
TAGS = st.lists(WORDS, max_size=3).map(tuple)
OWN_NAMES = st.sampled_from(["feature", "app.name", "user.email", "x", "gen"])
"""None of them one of the conventions."""
OWN_VALUES = WORDS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | NUMBERS | st.lists(WORDS, min_size=1).map(tuple)
CONTEXTS = _any(CallContext, tags=TAGS, more=st.dictionaries(OWN_NAMES, OWN_VALUES))
REQUESTS = _any(
    Request, parameters=_any(Parameters), context=CONTEXTS, operation=st.sampled_from([*OPERATIONS])
) | _any(Request, parameters=_any(Parameters), context=CONTEXTS, api=st.just("openai.chat_completions"))
CATEGORIES = st.sampled_from(Category)
TIMES = st.none() | NANOSECONDS
FAILURES = _any(Failure, category=CATEGORIES, stage=st.none() | st.sampled_from(Stage), retry_after_ns=TIMES)
ATTEMPTS = _any(Attempt, category=CATEGORIES, failed_ns=NANOSECONDS, wait_ns=NANOSECONDS, retry_after_ns=TIMES)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call as it is recorded: one that failed has a failure, counts that are all unknown are no usage, and an
    operation that uses no tokens has neither usage nor cost."""
    request = draw(REQUESTS)
    uses_tokens = operation_called(request.operation).uses_tokens
    outcome = draw(st.sampled_from(Outcome))
    usage = draw(st.none() | _any(Usage)) if uses_tokens else None
    return Call(
        request=request,
        timing=draw(TIMINGS),
        outcome=outcome,
        response=draw(_any(Response)),
        usage=None if usage == Usage() else usage,
        raw_usage=draw(st.none() | WORDS),
        failure=draw(FAILURES) if outcome.is_error else None,
        cost=draw(st.none() | LEDGERS | _any(Unpriced)) if uses_tokens else None,
        resend_count=draw(st.integers(0, 10)),
        attempts=draw(st.lists(ATTEMPTS, max_size=3).map(tuple)),
    )
