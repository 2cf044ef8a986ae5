"""A text is found wherever it stands in a call: in its columns, its attributes, what was said, and its log records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.analyse import recent_calls, report
from firsttoken.call import CallContext, Response, Timing
from firsttoken.store import Batch, CallRecord, JsonText, LogRecord, Selection, Store

from .samples import SMALLEST_CALL, call_record, log_record

MESSAGES = "gen_ai.input.messages"
LONG = "lorem ipsum " * 40
"""What is stored apart of its row."""


def json_text(value: object, *, ascii_alone: bool = False) -> JsonText:
    return JsonText(json.dumps(value, ensure_ascii=ascii_alone))


def record(number: int, attributes: dict[str, object], **context: object) -> CallRecord:
    request = replace(SMALLEST_CALL.request, model=f"model-{number}", context=CallContext(**context))  # type: ignore[arg-type]
    response = Response(id=f"resp_{number}Xy", request_id=f"req_{number}Zz")
    call = replace(SMALLEST_CALL, request=request, response=response, timing=Timing(number, 1))
    made = call_record(call, span=(f"{number:032x}", f"{0xABC0 + number:016x}"))
    return replace(made, attributes=json_text(attributes))


def said(text: str, *, ascii_alone: bool = False) -> dict[str, object]:
    """Messages as a span has them: JSON in a text."""
    return {MESSAGES: json_text([{"role": "user", "content": text}], ascii_alone=ascii_alone)}


CALLS = (
    record(1, {"feature": "Search", "release": "100% of_it"}, user_id="Zoë", tags=("Beta", "eu")),
    record(2, said('He said "Ärger"\nand left')),
    record(3, said(LONG + 'then she said "Überraschung"' + LONG)),
    record(4, said("naïve", ascii_alone=True), more={"tenant": "Acme [GmbH]"}),
    record(5, {}),
    record(6, {}),
    record(7, {}),
)


def log(number: int, **parts: JsonText) -> LogRecord:
    span = {"trace_id": f"{number:032x}", "span_id": f"{0xABC0 + number:016x}"}
    return replace(log_record("d", number), **span, **parts)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        details = {MESSAGES: [{"role": "user", "content": "Logged and short"}]}
        apart = {MESSAGES: [{"role": "user", "content": LONG + "Logged and LONG" + LONG}]}
        logs = (
            log(5, attributes=json_text(details)),
            log(6, attributes=json_text(apart)),
            log(7, body=json_text({"model": "a body of JSON"})),
            log_record("elsewhere", 0, attributes=json_text({"note": "of no call"})),
        )
        opened.write(Batch(calls=CALLS, logs=logs)).result(30)
        yield opened


def found(store: Store, text: str, **more: object) -> list[int]:
    rows = recent_calls(store, Selection(search=text, **more))  # type: ignore[arg-type]
    return sorted(row.call.timing.started_unix_ns for row in rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("search", [1]),
        ("FEATURE", [1]),
        ("zOË", [1]),
        ("beta", [1]),
        ("100% OF_it", [1]),
        ("%", [1]),
        ("of.it", []),
        (".*", []),
        ("'; DROP TABLE calls; --", []),
        ('said "ärger"\nand', [2]),
        ('"ÜBERRASCHUNG"', [3]),
        ("lorem ipsum then she", [3]),
        ("NAÏVE", []),
        ("naïve", [4]),
        ("[gmbh]", [4]),
        ("logged and short", [5]),
        ("logged and long", [6]),
        ("a body", [7]),
        ("of no call", []),
        ("model-", [1, 2, 3, 4, 5, 6, 7]),
        (f"{3:032x}", [3]),
        ("000000000000ABC4", [4]),
        ("000000000000abc", [1, 2, 3, 4, 5, 6, 7]),
        ("resp_2Xy", [2]),
        ("req_3", [3]),
        ("Xy", []),
    ],
)
def test_a_text_is_found_wherever_it_stands(store: Store, text: str, expected: list[int]) -> None:
    assert found(store, text) == expected


def test_a_text_is_looked_for_in_the_selected_calls_alone(store: Store) -> None:
    assert found(store, "model-", models=("model-3", "model-4"), until_unix_ns=4) == [3]
    assert found(store, "said", where={MESSAGES[:6] + ".request.model": "model-2"}) == [2]


def test_every_question_about_found_calls_is_about_the_same_calls(store: Store) -> None:
    totals = report(store, Selection(search="said")).totals
    assert (totals.calls, sum(totals.outcomes.values())) == (2, 2)
    with store.read() as reader:
        assert reader.table(["started_unix_ns"], Selection(search="beta")).to_pylist() == [{"started_unix_ns": 1}]
        (batch,) = reader.batches("logs", Selection(search="logged and short"))
        assert batch.num_rows == 1


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)


@given(before=words, text=words, after=words)
@settings(max_examples=40, deadline=None)
def test_any_text_that_was_said_is_found_as_it_was_said(before: str, text: str, after: str) -> None:
    with Store.open(None) as store:
        whole = before + text + after
        store.write(Batch(calls=(record(1, said(whole)), record(2, said(LONG + whole + LONG)), record(3, {})))).result(
            30
        )
        assert found(store, text)[:2] == [1, 2]
