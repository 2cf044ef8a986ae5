"""What other instrumentations send has the names of today when it leaves the Collector, and is the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.collector.dialect_spans import CHAT, CONTRIB, LLM, SEEN, USAGE, requests
from e2e.collector.dialect_spans import OPENINFERENCE as OPENINFERENCE_SCOPE
from e2e.collector.dialect_spans import OPENLLMETRY as OPENLLMETRY_SCOPE
from e2e.collector.normalising import (
    RENAMED,
    Normalise,
    assert_same,
    calls_of,
    normalised,
    normalising,
    plainly_read,
    spans_of,
)
from e2e.otlp import event, log_record, logs, sender, span, traces

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def normalise(collector_binary: Path) -> Iterator[Normalise]:
    with normalised(collector_binary) as through:
        yield through


def test_every_row_of_every_dialect_is_moved_as_the_receiver_reads_it(normalise: Normalise) -> None:
    sent = list(requests())
    arrived = normalise(sent)

    calls = calls_of(sent)
    assert len(calls) > 300
    assert_same(plainly_read(arrived, calls), calls, sent)
    assert_same(calls_of(arrived), calls, sent)


def test_a_call_has_the_name_and_the_kind_of_the_conventions_and_no_older_names(normalise: Normalise) -> None:
    sent = LLM | {"llm.token_count.prompt": 5, "llm.input_messages.0.message.content": "Rain?"}
    (arrived,) = spans_of(normalise([traces([span(sent, "ChatCompletion")], OPENINFERENCE_SCOPE)]))

    assert (arrived.name, arrived.kind) == ("chat gpt-4o-2024-08-06", "CLIENT")
    assert arrived.attributes == {
        "openinference.span.kind": "LLM",
        "llm.model_name": "gpt-4o-2024-08-06",
        "llm.input_messages.0.message.content": "Rain?",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-2024-08-06",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 5,
    }


def test_what_the_sender_priced_in_parts_has_a_total(normalise: Normalise) -> None:
    parts = {"llm.cost.prompt": 0.3, "llm.cost.completion": 0.6, "llm.cost.prompt_details.cache_read": 0.1}
    sent = [traces([span(LLM | parts)], OPENINFERENCE_SCOPE), traces([span(LLM | {"llm.cost.total": 0.7})])]

    totals = [each.attributes["firsttoken.cost.total"] for each in spans_of(normalise(sent))]
    assert sorted(totals) == [0.7, 0.9]


@pytest.mark.parametrize("scope", ["firsttoken", "opentelemetry.instrumentation.httpx"])
def test_what_has_nothing_to_be_moved_is_left_as_it_is(scope: str, normalise: Normalise) -> None:
    attributes = (CHAT | USAGE) if scope == "firsttoken" else {"http.request.method": "POST", "llm": {"a": [1]}}
    told = [event("exception", **{"exception.type": "ValueError"})]
    sent = [traces([span(attributes, "POST", told, error="Error code: 500")], scope)]

    assert spans_of(normalise(sent)) == spans_of(sent)


def test_older_names_on_events_are_moved_too(collector_binary: Path) -> None:
    attributes = {"gen_ai.system": "az.ai.openai", "gen_ai.usage.prompt_tokens": 5, "of.mine": {"a": 1}}
    body = {"content": "Rain?", "role": "user"}
    with normalising(collector_binary) as (endpoint, received), sender(endpoint) as send:
        send(logs([log_record("gen_ai.user.message", body, attributes)], CONTRIB))
        received.wait_for("logs")
        (record,) = received.logs

    assert record.attributes == {
        "gen_ai.provider.name": "azure.ai.openai",
        "gen_ai.usage.input_tokens": 5,
        "of.mine": {"a": 1},
    }
    assert (record.name, record.body) == ("gen_ai.user.message", body)


ODD = (
    None,
    True,
    -1,
    2**63 - 1,
    float("nan"),
    1e300,
    "",
    "{",
    "{}",
    "[]",
    "\0",
    "x" * 300,
    b"\xff",
    [],
    {},
    [1, {"a": [None]}],
)


def test_no_value_of_whatever_type_costs_a_span(normalise: Normalise) -> None:
    names = sorted({name for samples in SEEN.values() for sample in samples for name in sample} | RENAMED.keys())
    sent = [
        traces(
            [span({name: odd, "openinference.span.kind": "LLM", "llm.request.type": "chat"}) for name in names]
            + [span(dict.fromkeys(names, odd), error="Error code: 429")],
            scope,
        )
        for odd in ODD
        for scope in (OPENINFERENCE_SCOPE, OPENLLMETRY_SCOPE, "firsttoken")
    ]

    assert len(spans_of(normalise(sent))) == len(spans_of(sent))


def test_texts_of_ten_megabytes_arrive_whole(normalise: Normalise) -> None:
    answer = '{"id": "msg_1", "said": "' + "é" * 5_000_000 + '"}'
    (arrived,) = spans_of(normalise([traces([span(LLM | {"output.value": answer})], OPENINFERENCE_SCOPE)]))

    assert arrived.attributes["output.value"] == answer
    assert arrived.attributes["gen_ai.response.id"] == "msg_1"
