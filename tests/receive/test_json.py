"""OTLP in JSON: the same rows as in protobuf."""

from __future__ import annotations

import json
import os

import pytest

from firsttoken import analyse
from firsttoken.call import Outcome
from firsttoken.serve import Server
from firsttoken.store import Store

from .sending import JSON, post

TRACE_ID = "5B8EFFF798038103D269B633813FC60C"
SPAN_ID = "EEE19B7EC3C1B174"


def attribute(key: str, **value: object) -> dict[str, object]:
    return {"key": key, "value": value}


def request_with(**span: object) -> bytes:
    attributes = [
        attribute("gen_ai.operation.name", stringValue="chat"),
        attribute("gen_ai.usage.input_tokens", intValue="1532"),
        attribute("gen_ai.usage.output_tokens", intValue=284),
        attribute("gen_ai.request.temperature", doubleValue=0.5),
        attribute("gen_ai.request.stream", boolValue=True),
        attribute("gen_ai.response.finish_reasons", arrayValue={"values": [{"stringValue": "stop"}]}),
        attribute("raw", bytesValue="AAEC"),
        attribute("strange", doubleValue="NaN"),
        attribute("nested", kvlistValue={"values": [attribute("traceId", stringValue="not an id")]}),
    ]
    made = {
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "parentSpanId": "EEE19B7EC3C1B173",
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": 1544712661000000000,
        "attributes": attributes,
        "links": [{"traceId": TRACE_ID, "spanId": SPAN_ID}],
        "events": [{"name": "e", "timeUnixNano": "1544712660500000000"}],
        "status": {"code": 2, "message": "too many"},
        "aFieldOfTheFuture": {"is": ["ignored"]},
    }
    scope_spans = [{"scope": {"name": "my.scope"}, "spans": [made | span]}]
    resource = {"attributes": [attribute("service.name", stringValue="shop")]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}).encode()


def test_a_span_in_json_is_read_as_the_protocol_says(server: Server, store: Store) -> None:
    answer = post(server.ports.http_endpoint, "/v1/traces", request_with(), JSON)
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, "application/json", b"{}")
    detail = analyse.find_call(store, TRACE_ID.lower(), SPAN_ID.lower())
    assert detail is not None
    row = detail.row
    assert (row.parent_span_id, row.service, row.run_id, detail.scope) == ("eee19b7ec3c1b173", "shop", None, "my.scope")
    assert (row.call.timing.duration_ns, row.call.outcome) == (10**9, Outcome.FAILED)
    assert row.call.usage is not None
    assert (row.call.usage.input_tokens, row.call.usage.output_tokens) == (1532, 284)
    assert (row.call.request.stream, row.call.request.parameters.temperature) == (True, 0.5)
    assert row.call.response.finish_reasons == ("stop",)
    assert detail.attributes["raw"] == "AAEC"
    assert detail.attributes["strange"] == "NaN"
    assert detail.attributes["nested"] == {"traceId": "not an id"}
    assert [event.name for event in detail.span_events] == ["e"]


@pytest.mark.parametrize("trace_id", ["5B8EFFF798038103D269B633813FC6", "", "00" * 16, None])
def test_an_id_of_the_wrong_length_costs_only_its_span(server: Server, trace_id: str | None) -> None:
    answer = post(server.ports.http_endpoint, "/v1/traces", request_with(traceId=trace_id), JSON)
    assert answer.status == 200
    assert json.loads(answer.body) == {
        "partialSuccess": {"rejectedSpans": "1", "errorMessage": "1 x invalid trace or span id"}
    }


@pytest.mark.parametrize("trace_id", ["W47/94gDgQPSabYzgT/GDA==", "nonsense", 123, ["a"]])
def test_an_id_that_is_not_hexadecimal_is_malformed(server: Server, trace_id: object) -> None:
    answer = post(server.ports.http_endpoint, "/v1/traces", request_with(traceId=trace_id), JSON)
    assert answer.status == 400
    assert "hexadecimal" in json.loads(answer.body)["message"]


@pytest.mark.parametrize(
    ("body", "shown"), [({"stringValue": "oh"}, {"body": "oh"}), ({}, {}), (None, {})], ids=["text", "empty", "none"]
)
def test_a_log_in_json_finds_its_span(
    server: Server, store: Store, body: dict[str, str] | None, shown: dict[str, str]
) -> None:
    trace_id, span_id = os.urandom(16).hex(), os.urandom(8).hex()
    post(server.ports.http_endpoint, "/v1/traces", request_with(traceId=trace_id, spanId=span_id), JSON)
    record = {"timeUnixNano": "5", "severityNumber": 17} | ({} if body is None else {"body": body})
    records = [record | {"traceId": trace_id, "spanId": span_id}]
    request = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    assert post(server.ports.http_endpoint, "/v1/logs", request, JSON).body == b"{}"
    detail = analyse.find_call(store, trace_id, span_id)
    assert detail is not None
    assert [(log.name, log.severity, log.attributes) for log in detail.log_events] == [("log", "ERROR", shown)]
