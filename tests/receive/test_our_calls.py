"""The quick way of taking in spans of ours gives the rows that the slow way gives, whatever they hold."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from google.protobuf.message import DecodeError
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import Event
from semconv.any_call import calls

from firsttoken.call import Call, CallContext, Ledger, Outcome, Parameters, Request, Response, Timing, Usage
from firsttoken.pricing import PriceBook
from firsttoken.receive.decoded import Delivery
from firsttoken.receive.decoding import Work, decoded_rows
from firsttoken.receive.encodings import PROTOBUF
from firsttoken.receive.our_attributes import TARGETS
from firsttoken.receive.our_calls import our_calls
from firsttoken.receive.signals import SIGNALS
from firsttoken.receive.traces import decode_traces
from firsttoken.receive.wire import FEW_NAMES, SpansOfRequest, WireError
from firsttoken.semconv import names, own
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.store.arrow import CALL_SCHEMA, tables_of

from .sending import context, request_of, span_of

USUAL = Call(
    request=Request(
        operation="chat",
        provider="openai",
        api="openai.chat_completions",
        model="gpt-4o",
        stream=True,
        parameters=Parameters(temperature=0.5, stop_sequences=("a", "é")),
        context=CallContext(user_id="u", tags=("t",), more={"app.feature": "search", "app.level": 3}),
    ),
    timing=Timing(1_790_000_000_000_000_000, 5 * 10**9, first_token_ns=10**9, last_chunk_ns=4 * 10**9, chunk_count=9),
    outcome=Outcome.COMPLETED,
    response=Response(id="chatcmpl-1", model="gpt-4o-2024-08-06", finish_reasons=("stop",), service_tier="default"),
    usage=Usage(300, 200, cache_read_tokens=0),
    raw_usage='{"prompt_tokens": 300}' + " " * 200,
    cost=Ledger(*map(Decimal, ("0.1", "0", "0", "1e-7")), "USD", "list"),
)
"""With what nearly all calls have."""


def rows(request: ExportTraceServiceRequest, *tables: pa.Table) -> tuple[list[str], int, Counter[str]]:
    """What becomes of a request, beside tables that were made of it already."""
    decoded = decode_traces(request, Delivery(b"", 5))
    every = [*tables_of(decoded.batch).values(), *tables]
    for table in every:
        table.validate(full=True)
    items = decoded.items + sum(table.num_rows for table in tables)
    return sorted(repr(row) for table in every for row in table.to_pylist()), items, decoded.refused


def check(request: ExportTraceServiceRequest) -> int:
    """How many spans go the quick way."""
    return check_bytes(request.SerializeToString())


def check_bytes(payload: bytes) -> int:
    ours = our_calls(payload, 5)
    assert ours.table.schema == CALL_SCHEMA
    assert rows(ours.others, ours.table) == rows(ExportTraceServiceRequest.FromString(payload))
    return ours.table.num_rows


def usual_request() -> tuple[ExportTraceServiceRequest, Span]:
    events = (Event("firsttoken.first_token", {}, 7), Event('odd "name" %d', {"n": 1, "s": "{}%"}, 2**62))
    request = request_of(span_of(USUAL, context(), events))
    return request, request.resource_spans[0].scope_spans[0].spans[0]


DAMAGED = usual_request()[0].SerializeToString()
"""Before anything happens to it."""


@given(some=st.lists(calls(), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_calls_become_the_same_rows(some: list[Call]) -> None:
    check(request_of(*(span_of(call, context()) for call in some)))


VALUES = st.recursive(
    st.just(AnyValue())
    | st.builds(AnyValue, string_value=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
    | st.builds(AnyValue, string_value=st.sampled_from(["chat", "fetch_response", "cancelled", "failed", "embeddings"]))
    | st.builds(AnyValue, int_value=st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 300))
    | st.builds(AnyValue, double_value=st.floats() | st.sampled_from([0.0, 1.0, 1e10, -3e-9]))
    | st.builds(AnyValue, bool_value=st.booleans())
    | st.builds(AnyValue, bytes_value=st.binary(max_size=9)),
    lambda inner: (
        st.builds(lambda items: AnyValue(array_value=ArrayValue(values=items)), st.lists(inner, max_size=3))
        | st.builds(
            lambda item: AnyValue(kvlist_value=KeyValueList(values=[KeyValue(key="k", value=item)])),
            inner,
        )
    ),
    max_leaves=4,
)
NAMES = st.sampled_from(
    [*TARGETS, *(row.older for row in OLDER_ATTRIBUTES), own.OUTPUT_TOKENS_PER_SECOND, "app.feature", "", "é" * 70]
)


@given(
    pairs=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    dropped=st.sets(st.integers(0, 40), max_size=4),
    status=st.sampled_from([Status.STATUS_CODE_UNSET, Status.STATUS_CODE_OK, Status.STATUS_CODE_ERROR]),
)
@settings(max_examples=150, deadline=None)
def test_garbage_among_the_attributes_becomes_the_same_rows(
    pairs: list[tuple[str, AnyValue]], dropped: set[int], status: Status.StatusCode
) -> None:
    request, span = usual_request()
    kept = [pair for place, pair in enumerate(span.attributes) if place not in dropped]
    replaced = dict(pairs)
    made = [KeyValue(key=pair.key, value=replaced.pop(pair.key, pair.value)) for pair in kept]
    made += [KeyValue(key=name, value=value) for name, value in replaced.items()]
    del span.attributes[:]
    span.attributes.extend(made)
    span.status.code = status
    check(request)


def without_id(span: Span) -> None:
    span.trace_id = bytes(16)


def of_a_long_id(span: Span) -> None:
    span.trace_id = bytes(range(17))


def ended_early(span: Span) -> None:
    span.end_time_unix_nano = span.start_time_unix_nano - 1


def of_the_far_future(span: Span) -> None:
    span.end_time_unix_nano = 2**63


def said_twice(span: Span) -> None:
    span.attributes.append(KeyValue(key=names.GEN_AI_REQUEST_MODEL, value=AnyValue(string_value="other")))


def of_an_incredible_cost(span: Span) -> None:
    costs = [pair for pair in span.attributes if pair.key.startswith("firsttoken.cost.")]
    costs[0].value.double_value = 9e300


def priced_and_not(span: Span) -> None:
    for name in (own.COST_SOURCE, own.COST_UNPRICED):
        span.attributes.append(KeyValue(key=name, value=AnyValue(string_value="")))
    kept = [pair for pair in span.attributes if not pair.value.double_value and pair.key != own.COST_CURRENCY]
    del span.attributes[:]
    span.attributes.extend({pair.key: pair for pair in kept}.values())


def tried_again(span: Span) -> None:
    span.events.append(Span.Event(name=own.EVENT_ATTEMPT_FAILED))


def cancelled(span: Span) -> None:
    outcome = next(pair for pair in span.attributes if pair.key == own.OUTCOME)
    outcome.value.string_value = "cancelled"


UNUSUAL = (
    *(
        without_id,
        of_a_long_id,
        ended_early,
        of_the_far_future,
        said_twice,
        of_an_incredible_cost,
        tried_again,
        cancelled,
    ),
    priced_and_not,
)


@pytest.mark.parametrize("spoil", UNUSUAL, ids=lambda spoil: spoil.__name__)
def test_an_unusual_span_is_left_to_the_slow_way(spoil: object) -> None:
    request, span = usual_request()
    spoil(span)
    assert check(request) == 0


def test_a_usual_span_is_taken_whatever_is_unknown_about_it() -> None:
    request, span = usual_request()
    span.links.add(trace_id=b"x" * 16, span_id=b"y" * 8)
    span.MergeFromString(b"\xa2\x06\x03abc" + b"\xa8\x06\x96\x01" + b"\xa3\x06\x08\x01\xa4\x06")
    for pair in span.attributes:  # in the attribute, and in its value
        pair.MergeFromString(b"\xa2\x06\x03abc")
        pair.value.MergeFromString(b"\xa8\x06\x96\x01")
    span.events.add()
    assert check(request) == 1


def test_calls_of_others_are_left_to_the_slow_way() -> None:
    request, _ = usual_request()
    request.resource_spans[0].scope_spans[0].scope.name = "openinference.instrumentation.openai"
    assert check(request) == 0


def test_usual_and_unusual_spans_of_one_request_all_become_rows() -> None:
    failed = replace(USUAL, outcome=Outcome.CANCELLED)
    request = request_of(*(span_of(call, context()) for call in (USUAL, failed, USUAL)))
    assert check(request) == 2


@pytest.mark.parametrize("place", ["attribute", "event"])
def test_a_value_that_was_sent_as_two_kinds_is_the_last_one(place: str) -> None:
    request, span = usual_request()
    holder = span if place == "attribute" else span.events[0]
    holder.attributes.append(KeyValue(key="app.odd", value=AnyValue(string_value="abcdef")))
    twice = AnyValue(int_value=5).SerializeToString() + AnyValue(string_value="abcd").SerializeToString()
    once = AnyValue(string_value="abcdef").SerializeToString()
    assert len(twice) == len(once)
    assert check_bytes(request.SerializeToString().replace(once, twice)) == 0


def test_a_request_of_many_names_that_few_spans_have_is_left_to_the_slow_way() -> None:
    request, span = usual_request()
    span.attributes.extend(KeyValue(key=f"app.{number}") for number in range(FEW_NAMES))
    with pytest.raises(WireError, match="names"):
        our_calls(request.SerializeToString(), 5)


def test_many_names_that_many_spans_have_are_read_the_quick_way() -> None:
    request, span = usual_request()
    span.attributes.extend(KeyValue(key=f"app.{number}") for number in range(FEW_NAMES))
    request.resource_spans[0].scope_spans[0].spans.extend([span] * 9)
    assert check(request) == 10


def test_a_scope_without_spans_is_not_looked_at() -> None:
    request, _ = usual_request()
    for _ in range(100):
        request.resource_spans[0].scope_spans.add(scope=InstrumentationScope(name="firsttoken.idle"))
    request.resource_spans.add()
    assert len(SpansOfRequest(request.SerializeToString()).scopes()) == 1
    assert check(request) == 1


def test_a_resource_of_many_scopes_is_handed_on_once() -> None:
    request, span = usual_request()
    span.status.code = Status.STATUS_CODE_ERROR
    sent = request.resource_spans[0]
    sent.scope_spans.extend([sent.scope_spans[0]] * 9)
    request.resource_spans.append(sent)
    assert [len(each.scope_spans) for each in our_calls(request.SerializeToString(), 5).others.resource_spans] == [
        10,
        10,
    ]
    assert check(request) == 0


@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_damaged_bytes_become_the_same_rows_or_none(places: list[tuple[float, int]]) -> None:
    payload = bytearray(DAMAGED)
    for place, byte in places:
        payload[int(place * (len(payload) - 1))] = byte
    try:
        check_bytes(bytes(payload))
    except (WireError, DecodeError):
        return


def large_request() -> ExportTraceServiceRequest:
    failed = replace(USUAL, outcome=Outcome.CANCELLED)
    return request_of(*(span_of(call, context()) for call in (*[USUAL] * 40, failed)))


def work(request: ExportTraceServiceRequest) -> Work:
    return Work(SIGNALS[0].path, request.SerializeToString(), PROTOBUF.fill, "", 1 << 20, 5)


def test_a_large_request_is_read_both_ways_and_loses_nothing() -> None:
    request = large_request()
    decoded = decoded_rows(work(request), PriceBook())
    assert decoded.items == decoded.tables["calls"].num_rows == 41
    slow = tables_of(decode_traces(request, Delivery(b"", 5)).batch)["calls"]
    assert sorted(map(repr, decoded.tables["calls"].to_pylist())) == sorted(map(repr, slow.to_pylist()))


WITHOUT_PTARS = """
import pickle, sys
sys.modules["ptars"] = None
from firsttoken.receive.decoding import decoded_rows, our_calls
work, prices = pickle.load(sys.stdin.buffer)
assert our_calls is None
print(decoded_rows(work, prices).tables["calls"].num_rows)
"""


def test_without_the_extra_every_span_goes_the_slow_way() -> None:
    given = pickle.dumps((work(large_request()), PriceBook()))
    done = subprocess.run([sys.executable, "-c", WITHOUT_PTARS], input=given, capture_output=True, check=True)
    assert done.stdout == b"41\n"
