"""What ClickHouse makes of the Collector's spans is what the receiver makes of them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.samples import calls, ids

from firsttoken import analyse
from firsttoken.call import NOTHING_SAID, Call, CallContext, Outcome, Request, Timing, Usage
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv import names, own
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.semconv.read import SpanFacts, is_call, read_call
from firsttoken.semconv.renaming import currently_named
from firsttoken.semconv.write import attempt_attributes, call_attributes

from .exported import Exported, as_text, write_spans
from .server import Database

START_UNIX_NS = 1_795_000_000_000_000_000


def exported(attributes: dict[str, object], **facts) -> Exported:
    trace_id, span_id = ids()
    return Exported(trace_id, span_id, SpanFacts(attributes, START_UNIX_NS, 2_000_000_000, **facts))


def sent(call: Call) -> Exported:
    trace_id, span_id = ids()
    facts = SpanFacts(
        call_attributes(call),
        call.timing.started_unix_ns,
        call.timing.duration_ns,
        is_error=call.failure is not None,
        status_message="" if call.failure is None else call.failure.message,
        attempts=[attempt_attributes(attempt) for attempt in call.attempts],
    )
    return Exported(trace_id, span_id, facts)


def read_back(database: Database, spans: list[Exported]) -> dict[str, Call]:
    write_spans(database.client, spans)
    with ClickHouse.open(database.url) as warehouse:
        return {row.trace_id: row.call for row in analyse.recent_calls(warehouse, limit=1000)}


def as_a_map_tells(call: Call) -> Call:
    """Of what the application said under names of its own, a map of texts keeps texts; and it has no empty lists."""
    context = call.request.context
    more = {name: as_text(value) for name, value in context.more.items()}
    parameters = call.request.parameters
    request = replace(
        call.request,
        context=replace(context, more=more) if more else context,
        parameters=replace(
            parameters,
            stop_sequences=parameters.stop_sequences or None,
            encoding_formats=parameters.encoding_formats or None,
        ),
    )
    return replace(
        call, request=request, response=replace(call.response, finish_reasons=call.response.finish_reasons or None)
    )


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, min_size=1, max_size=4))
def test_a_call_comes_back_as_the_receiver_would_have_read_it(database, made):
    spans = [sent(call) for call in made]

    found = read_back(database, spans)

    assert {span.trace_id: found[span.trace_id] for span in spans} == {
        span.trace_id: as_a_map_tells(read_call(span.facts)) for span in spans
    }


@pytest.mark.parametrize(
    "row", [row for row in OLDER_ATTRIBUTES if row.older != row.current], ids=lambda row: row.older
)
def test_an_older_name_says_what_the_current_one_says(database, row):
    value = {"string": "xai", "int": 7}[row.type.partition(",")[0]]
    span = exported({names.GEN_AI_OPERATION_NAME: "chat", row.older: value})

    current = replace(span.facts, attributes=currently_named(span.facts.attributes))
    assert read_back(database, [span]) == {span.trace_id: read_call(current)}


GARBAGE = (
    "",
    " ",
    "x",
    "-1",
    "1e999",
    "-1e999",
    "NaN",
    "inf",
    "1" * 60,
    "{",
    "[1",
    '["a",1]',
    "null",
    "\x00",
    "ü'\\",
    "0x1",
)


def test_no_garbage_stops_an_insert_and_what_cannot_be_read_is_unknown(database):
    known = sorted({*names_of_attributes()} - {names.GEN_AI_OPERATION_NAME})
    spans = [
        exported(
            {names.GEN_AI_OPERATION_NAME: "chat", **dict.fromkeys(known, garbage)},
            is_error=True,
            attempts=[dict.fromkeys(known, garbage)],
        )
        for garbage in GARBAGE
    ]

    found = read_back(database, spans)

    assert len(found) == len(GARBAGE)
    of_words = found[spans[GARBAGE.index("x")].trace_id]
    below_nothing = found[spans[GARBAGE.index("-1")].trace_id]
    assert (of_words.usage, below_nothing.usage) == (None, None)
    assert of_words.timing == Timing(START_UNIX_NS, 2_000_000_000)
    assert (below_nothing.timing.first_token_ns, below_nothing.timing.headers_ns) == (None, None)
    assert (of_words.outcome, of_words.attempts, of_words.cost.reason) == (Outcome.FAILED, (), "x")


def names_of_attributes() -> list[str]:
    texts = [value for module in (names, own) for value in vars(module).values() if isinstance(value, str)]
    return [text for text in texts if "." in text and " " not in text]


def test_a_span_that_is_no_call_is_no_row(database):
    spans = [exported({}), exported({names.GEN_AI_OPERATION_NAME: "invoke_agent"})]

    assert not any(is_call(span.facts.attributes) for span in spans)
    assert read_back(database, spans) == {}


def test_a_span_that_an_exporter_sent_again_counts_once(database):
    span = sent(
        Call(Request("chat", "openai", "", "m"), Timing(START_UNIX_NS, 1), Outcome.COMPLETED, usage=Usage(10, 5))
    )
    other = replace(span, span_id="00000000000000ff")
    write_spans(database.client, [span, other])
    write_spans(database.client, [span])
    write_spans(database.client, [span, span])

    with ClickHouse.open(database.url) as warehouse:
        totals = analyse.report(warehouse).totals

    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (2, 20, 10)


def test_what_was_said_is_shown_with_its_call_and_read_by_no_other_question(database):
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Hello"}]}])
    span = exported({names.GEN_AI_OPERATION_NAME: "chat", names.GEN_AI_INPUT_MESSAGES: said, "team": "search"})
    write_spans(database.client, [span])

    with ClickHouse.open(database.url) as warehouse:
        found = analyse.find_call(warehouse, span.trace_id, span.span_id)
        with warehouse.read() as reader:
            listed = reader.ask("recent_calls", {"limit": 1, "before_started_unix_ns": None, "before_ids": None})

    assert found.row.call.content.input[0].parts[0].text == "Hello"
    assert found.attributes["team"] == "search"
    assert "content" not in listed[0]
    assert "Hello" not in str(listed)


def test_the_application_s_own_context_is_told_as_text(database):
    context = CallContext(user_id="u-1", tags=("beta",), more={"tenant": "acme", "seats": 5})
    call = Call(Request("chat", "openai", "", "m", context=context), Timing(START_UNIX_NS, 1), Outcome.COMPLETED)
    span = sent(call)

    assert read_back(database, [span])[span.trace_id].request.context == replace(
        context, more={"tenant": "acme", "seats": "5"}
    )
    assert NOTHING_SAID not in (context,)
