"""The health of a store: who sends what in whose words, what counts once, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from store.samples import log_record

from firsttoken.analyse.arriving import HEALTH, DoubleCount, HealthOptions, StoreHealth
from firsttoken.analyse.asking import answered
from firsttoken.call import Response, Unpriced
from firsttoken.store import Batch, CallRecord, JsonText, LogRecord, SpanRecord, Store

from .test_tracing import OTHER_SCOPE, OUR_SCOPE, call, span

SAID = {"gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hello"}]}]'}


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as store:
        yield store


def told(store: Store, *records: CallRecord | SpanRecord | LogRecord) -> StoreHealth:
    calls = tuple(each for each in records if isinstance(each, CallRecord))
    spans = tuple(each for each in records if isinstance(each, SpanRecord))
    logs = tuple(each for each in records if isinstance(each, LogRecord))
    store.write(Batch(calls=calls, spans=spans, logs=logs)).result(30)
    return answered(HEALTH, store, HealthOptions())


def saying(record: CallRecord, attributes: dict[str, Any]) -> CallRecord:
    return replace(record, attributes=JsonText(json.dumps(attributes)))


def test_an_empty_store_has_nothing_and_says_so(store: Store) -> None:
    found = told(store)
    assert (found.emitters, found.doubles, found.unpriced) == ((), (), ())
    assert [(kept.name, kept.rows, kept.first_unix_ns) for kept in found.kept] == [
        ("calls", 0, None),
        ("spans", 0, None),
        ("logs", 0, None),
    ]


def test_what_two_recorded_is_one_call_and_both_are_named(store: Store) -> None:
    found = told(store, call(3, 2), call(2, None, OTHER_SCOPE, begin=9))
    assert found.doubles == (DoubleCount("checkout", (OUR_SCOPE, OTHER_SCOPE), 1, 10),)
    emitters = {each.scope: (each.calls, each.also_seen, each.spans) for each in found.emitters}
    assert emitters == {OUR_SCOPE: (1, 0, 0), OTHER_SCOPE: (0, 1, 1)}


@pytest.mark.parametrize(
    ("scope", "attributes", "dialect"),
    [
        ("firsttoken.openai", {}, "firsttoken"),
        ("someone", {}, "conventions"),
        ("someone", {"openinference.span.kind": "LLM"}, "OpenInference"),
        ("someone", {"langsmith.span.kind": "llm"}, "LangSmith"),
    ],
)
def test_in_whose_words_a_call_was_told_is_known_by_its_attributes(
    store: Store, scope: str, attributes: dict[str, Any], dialect: str
) -> None:
    (emitter,) = told(store, saying(call(1, None, scope), attributes)).emitters
    assert emitter.dialect == dialect


def test_what_was_said_counts_wherever_it_stands(store: Store) -> None:
    silent = call(1, None, response=Response(id="a"))
    on_span = saying(call(2, None, response=Response(id="b")), SAID)
    in_log = call(3, None, response=Response(id="c"))
    event = replace(log_record("d", 0), trace_id=in_log.trace_id, span_id=in_log.span_id, event_name="gen_ai.choice")
    (emitter,) = (each for each in told(store, silent, on_span, in_log, event).emitters if each.calls)
    assert (emitter.looked_at, emitter.with_content) == (3, 2)


def test_spans_that_count_tokens_in_unknown_words_are_told(store: Store) -> None:
    unread = span(1, None, attributes={"ai.usage.promptTokens": 5, "my.tokens": 7})
    plain = span(2, None, attributes={"token.name": "session"})
    tool = span(3, None, attributes={"gen_ai.operation.name": "execute_tool", "tokens": 9})
    (emitter,) = told(store, unread, plain, tool).emitters
    assert (emitter.spans, emitter.unread_spans) == (3, 1)


def test_calls_without_a_price_say_what_to_do(store: Store) -> None:
    (unpriced,) = told(store, call(1, None, cost=Unpriced("unknown_model"))).unpriced
    assert (unpriced.calls, unpriced.reason) == (1, "unknown_model")
    assert unpriced.fix.startswith("add to prices.toml: ")


def test_rows_are_counted_with_their_first_and_last_moment(store: Store) -> None:
    found = told(store, call(1, None, begin=5), span(2, None, 7, 9), span(3, None, 3, 4), log_record("d", 0))
    assert [(each.name, each.rows, each.first_unix_ns, each.last_unix_ns) for each in found.kept] == [
        ("calls", 1, 5, 5),
        ("spans", 2, 3, 7),
        ("logs", 1, 1, 1),
    ]
