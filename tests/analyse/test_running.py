"""Which calls run, by what their programs have said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import ORIGIN, call_record, ids, log_record

from firsttoken.analyse import recent_calls, report
from firsttoken.analyse.running import RunningCall, running_calls
from firsttoken.call import Call, Outcome, Request, Timing
from firsttoken.store import Batch, Between, JsonText, LogRecord, Selection, Store

SECOND_NS = 10**9
NOW = 1_800_000_000 * SECOND_NS
STARTED, PROGRESS = "firsttoken.call.started", "firsttoken.call.progress"
ASKED: Mapping[str, object] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.request.stream": True,
    "firsttoken.tags": ["beta", "eu"],
    "user.id": "u-1",
    "tenant": "acme",
}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def sign(span: tuple[str, str], ago_s: float, name: str = PROGRESS, **more: object) -> LogRecord:
    """What the program of a call that began a minute ago has said."""
    attributes = {**ASKED, "firsttoken.call.started_unix_ns": NOW - 60 * SECOND_NS}
    attributes |= {key.replace("__", "."): value for key, value in more.items()}
    at = NOW - round(ago_s * SECOND_NS)
    return replace(
        log_record(f"{span}{at}{name}", 0, attributes=JsonText(json.dumps(attributes))),
        trace_id=span[0],
        span_id=span[1],
        event_name=name,
        time_unix_ns=at,
        origin=replace(ORIGIN, run_id="run-7"),
    )


def heard(store: Store, *signs: LogRecord) -> None:
    store.write(Batch(logs=signs)).result(30)


def test_the_last_sign_of_a_call_says_how_far_it_is(store: Store) -> None:
    span = ids()
    told = {"firsttoken__chunk__count": 41, "gen_ai__response__time_to_first_chunk": 0.75}
    heard(store, sign(span, 60, STARTED), sign(span, 3, firsttoken__chunk__count=30), sign(span, 1, **told))
    assert running_calls(store, NOW) == (
        RunningCall(
            trace_id=span[0],
            span_id=span[1],
            service="checkout",
            run_id="run-7",
            provider="openai",
            model="gpt-4o",
            operation="chat",
            stream=True,
            started_unix_ns=NOW - 60 * SECOND_NS,
            first_chunk_ns=750_000_000,
            chunk_count=41,
            last_sign_unix_ns=NOW - SECOND_NS,
            lost=False,
        ),
    )


@pytest.mark.parametrize(("ago_s", "lost"), [(9.9, [False]), (10.1, [True]), (3599, [True]), (3601, [])])
def test_a_call_of_which_nothing_is_heard_is_lost_and_forgotten_after_an_hour(
    store: Store, ago_s: float, lost: list[bool]
) -> None:
    heard(store, sign(ids(), ago_s))
    assert [call.lost for call in running_calls(store, NOW)] == lost


def test_a_call_that_has_ended_does_not_run_and_one_that_runs_is_no_call(store: Store) -> None:
    ended, running = ids(), ids()
    heard(store, sign(ended, 3), sign(running, 2))
    call = Call(Request("chat", "openai", "openai.responses"), Timing(NOW - 60 * SECOND_NS, 1), Outcome.COMPLETED)
    store.write(Batch(calls=(call_record(call, span=ended),))).result(30)
    assert [call.span_id for call in running_calls(store, NOW)] == [running[1]]
    assert [row.span_id for row in recent_calls(store)] == [ended[1]]
    assert report(store).totals.calls == 1


def test_the_newest_start_comes_first(store: Store) -> None:
    spans = [ids() for _ in range(3)]
    for at, span in enumerate(spans):
        heard(store, sign(span, 1, firsttoken__call__started_unix_ns=NOW - 90 * SECOND_NS + at))
    assert [call.span_id for call in running_calls(store, NOW)] == [span[1] for span in reversed(spans)]


SELECTIONS: dict[str, tuple[Selection, bool]] = {
    "its run": (Selection(run_id="run-7"), True),
    "another run": (Selection(run_id="run-8"), False),
    "its model": (Selection(models=("claude-*", "gpt-*")), True),
    "another model": (Selection(models=("gpt-?o", "gpt", "[a-z]*")), False),
    "started since": (Selection(since_unix_ns=NOW - 60 * SECOND_NS), True),
    "started later": (Selection(since_unix_ns=NOW - 59 * SECOND_NS), False),
    "started until": (Selection(until_unix_ns=NOW - 60 * SECOND_NS), False),
    "by short names": (Selection(where={"model": "gpt-4o", "user": "u-1", "stream": "true", "run": "run-7"}), True),
    "by long names": (Selection(where={"gen_ai.request.model": "gpt-4o", "user.id": "u-1", "tenant": "acme"}), True),
    "by another name of the same": (Selection(where={"user_id": "u-1"}), True),
    "by one of its tags": (Selection(where={"tags": "eu"}), True),
    "by a tag that it has not": (Selection(where={"tags": "us"}), False),
    "by its outcome": (Selection(where={"outcome": "completed"}), False),
    "without an attribute": (Selection(without=("session",)), True),
    "without one that it has": (Selection(without=("tenant",)), False),
    "by a figure": (Selection(between=(Between("cost", at_least=0),)), False),
    "a text": (Selection(search="ACM"), True),
    "another text": (Selection(search="acme corporation"), False),
}


@pytest.mark.parametrize(("selection", "meant"), SELECTIONS.values(), ids=list(SELECTIONS))
def test_a_selection_means_a_call_that_runs_by_what_is_known_of_it(
    store: Store, selection: Selection, meant: bool
) -> None:
    heard(store, sign(ids(), 1))
    assert bool(running_calls(store, NOW, selection)) is meant


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([1, None, "x", []])
NAMES = [*ASKED, "firsttoken.chunk.count", "gen_ai.response.time_to_first_chunk", "firsttoken.call.started_unix_ns"]


@given(told=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
@settings(max_examples=40, deadline=None)
def test_whatever_is_told_of_a_call_that_runs_is_read_or_unknown(told: dict[str, object]) -> None:
    with Store.open(None) as store:
        heard(store, replace(sign(ids(), 1), attributes=JsonText(json.dumps(told, default=str, allow_nan=True))))
        (found,) = running_calls(store, NOW)
    assert found.last_sign_unix_ns == NOW - SECOND_NS
    assert found.started_unix_ns <= found.last_sign_unix_ns


def test_a_collectors_texts_are_read_as_numbers(store: Store) -> None:
    texts = {"firsttoken__chunk__count": "7", "gen_ai__response__time_to_first_chunk": "0.5"}
    heard(store, sign(ids(), 1, gen_ai__request__stream="true", **texts))
    (found,) = running_calls(store, NOW)
    assert (found.chunk_count, found.first_chunk_ns, found.stream) == (7, 500_000_000, True)
