"""What senders repeat with every call is stored once, and each call is shown with all that was said in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanContext
from store.samples import SMALLEST_CALL

from firsttoken import analyse
from firsttoken.semconv import names
from firsttoken.semconv.messages import compact
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

from .sending import JSON, PROTOBUF, RESOURCE, SCOPE, context, post, request_of, span_of

PROMPT = "".join(f"Rule {number}: never say {number * 7919 % 10007}. " for number in range(1000))
SYSTEM = [{"type": "text", "content": PROMPT}]


def message(text: str) -> dict[str, Any]:
    return {"role": "user", "parts": [{"type": "text", "content": text}]}


CONVERSATION = [message(f"{number} " * 200) for number in range(5)]


def span_saying(span_context: SpanContext, messages: list[dict[str, Any]]) -> ReadableSpan:
    bare = span_of(SMALLEST_CALL, span_context)
    said = {names.GEN_AI_SYSTEM_INSTRUCTIONS: compact(SYSTEM), names.GEN_AI_INPUT_MESSAGES: compact(messages)}
    return ReadableSpan(
        bare.name,
        span_context,
        resource=RESOURCE,
        instrumentation_scope=SCOPE,
        kind=bare.kind,
        attributes={**(bare.attributes or {}), **said},
        start_time=bare.start_time,
        end_time=bare.end_time,
    )


def otlp(value: object) -> dict[str, Any]:
    """As OTLP's JSON has it."""
    match value:
        case dict():
            return {"kvlistValue": {"values": [{"key": str(key), "value": otlp(each)} for key, each in value.items()]}}
        case list():
            return {"arrayValue": {"values": [otlp(each) for each in value]}}
        case _:
            return {"stringValue": str(value)}


def details_of(span_context: SpanContext, messages: list[dict[str, Any]]) -> bytes:
    """The same in a log record, structured, and what the provider was sent in its body."""
    said = {names.GEN_AI_SYSTEM_INSTRUCTIONS: SYSTEM, names.GEN_AI_INPUT_MESSAGES: messages}
    record = {
        "traceId": f"{span_context.trace_id:032x}",
        "spanId": f"{span_context.span_id:016x}",
        "timeUnixNano": "5",
        "eventName": "gen_ai.client.inference.operation.details",
        "attributes": [{"key": name, "value": otlp(value)} for name, value in said.items()],
        "body": otlp({"request": {"instructions": PROMPT, "input": "short"}}),
    }
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}).encode()


@pytest.mark.parametrize("times", [1, 3], ids=["one server", "a server started anew for each call"])
def test_what_calls_have_in_common_is_stored_once_and_shown_with_each(tmp_path: Path, times: int) -> None:
    path = tmp_path / "calls.duckdb"
    contexts = [context() for _ in range(6)]
    for turn in range(times):
        settings = ServeSettings(grpc_port=0, http_port=0, page_port=None)
        with Store.open(path) as store, Server(store, settings) as server:
            for number, span_context in list(enumerate(contexts))[turn::times]:
                request = request_of(span_saying(span_context, CONVERSATION[:number])).SerializeToString()
                assert post(server.ports.http_endpoint, "/v1/traces", request, PROTOBUF).status == 200
                details = details_of(span_context, CONVERSATION[:number])
                assert post(server.ports.http_endpoint, "/v1/logs", details, JSON).status == 200
    with Store.open(path) as store:
        texts = store.perform(lambda cursor: cursor.execute("SELECT text FROM contents").fetchall()).result(30)
        found = [analyse.find_call(store, f"{each.trace_id:032x}", f"{each.span_id:016x}") for each in contexts]
    assert sorted(text for (text,) in texts) == sorted(map(compact, (*SYSTEM, *CONVERSATION, PROMPT)))
    for number, detail in enumerate(found):
        assert detail is not None
        (event,) = detail.log_events
        assert json.loads(str(detail.attributes[names.GEN_AI_SYSTEM_INSTRUCTIONS])) == SYSTEM
        assert json.loads(str(detail.attributes[names.GEN_AI_INPUT_MESSAGES])) == CONVERSATION[:number]
        assert event.attributes[names.GEN_AI_INPUT_MESSAGES] == CONVERSATION[:number]
        assert event.attributes["body"] == {"request": {"instructions": PROMPT, "input": "short"}}
