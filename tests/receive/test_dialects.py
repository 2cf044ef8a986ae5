"""What other instrumentations send becomes calls, with a price where the tokens are known."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from firsttoken.analyse import find_call
from firsttoken.analyse.answers import CallDetail
from firsttoken.call import Ledger, Unpriced
from firsttoken.call.content import Message, Text, ToolCall, ToolResponse
from firsttoken.errors import SettingsError
from firsttoken.semconv.dialects import is_our_scope
from firsttoken.serve import Server
from firsttoken.store import Store
from receive.conftest import ANY_PORTS
from receive.sending import JSON, context, post

LLM = {
    "openinference.span.kind": "LLM",
    "llm.system": "openai",
    "llm.model_name": "gpt-4o-2024-08-06",
    "llm.token_count.prompt": 1_000_000,
    "llm.token_count.completion": 100_000,
    "llm.token_count.prompt_details.cache_read": 400_000,
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "Rain?",
}
PRICES = '[[price]]\nmodel = "gpt-4o*"\ninput = 1\noutput = 2\n'


def taken(server: Server, store: Store, scope: str, attributes: dict[str, Any], **more: Any) -> CallDetail:
    """The call that a span of this scope with these attributes is stored as."""
    ids = context()
    made = {"traceId": f"{ids.trace_id:032x}", "spanId": f"{ids.span_id:016x}"}
    pairs = [{"key": name, "value": _value(value)} for name, value in attributes.items()]
    times = {"startTimeUnixNano": "1795000000000000000", "endTimeUnixNano": "1795000001000000000"}
    span: dict[str, Any] = {**made, "name": "n", "attributes": pairs, **times, **more}
    body = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": [span]}]}]}
    assert post(server.ports.http_endpoint, "/v1/traces", json.dumps(body).encode(), JSON).status == 200
    found = find_call(store, span["traceId"], span["spanId"])
    assert found is not None
    return found


def _value(value: Any) -> dict[str, Any]:
    match value:
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": value}


def test_a_span_of_another_instrumentation_is_a_call_with_its_price_and_its_content(
    server: Server, store: Store
) -> None:
    detail = taken(server, store, "openinference.instrumentation.openai", LLM)
    call = detail.row.call
    assert isinstance(call.cost, Ledger)
    assert (call.cost.input, call.cost.cache_read, call.cost.output) == (Decimal("1.5"), Decimal("0.5"), Decimal(1))
    assert call.content is not None
    assert call.content.input == (Message("user", (Text("Rain?"),)),)
    assert detail.attributes["llm.model_name"] == "gpt-4o-2024-08-06"
    assert "llm.input_messages.0.message.content" not in detail.attributes


def test_a_seed_that_no_column_holds_is_unknown_and_takes_no_request_along(server: Server, store: Store) -> None:
    asked = json.dumps({"max_tokens": 5, "seed": 2**64 - 1})
    detail = taken(server, store, "openinference.instrumentation.openai", LLM | {"llm.invocation_parameters": asked})
    parameters = detail.row.call.request.parameters
    assert (parameters.max_tokens, parameters.seed) == (5, None)
    assert detail.attributes["llm.invocation_parameters"] == asked


def test_a_time_that_is_less_than_none_is_unknown(server: Server, store: Store) -> None:
    told = {"gen_ai.operation.name": "chat", "firsttoken.time_to_first_token": -1.0, "firsttoken.stall.time": 0.0}
    detail = taken(server, store, "somebody.else", told)
    assert (detail.row.call.timing.first_token_ns, detail.row.call.timing.stalled_ns) == (None, 0)
    assert detail.attributes["firsttoken.time_to_first_token"] == -1.0


@pytest.mark.parametrize("count", [-1, 2**63 - 1])
def test_what_cannot_be_a_count_of_tokens_is_unknown_and_in_no_sum(server: Server, store: Store, count: int) -> None:
    detail = taken(server, store, "openinference.instrumentation.openai", LLM | {"llm.token_count.prompt": count})
    usage = detail.row.call.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (None, 100_000)
    assert detail.attributes["llm.token_count.prompt"] == count


def test_messages_that_travel_as_log_records_are_the_calls_content(server: Server, store: Store) -> None:
    ids = context()
    place = {"traceId": f"{ids.trace_id:032x}", "spanId": f"{ids.span_id:016x}"}
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
    said: list[tuple[str, dict[str, Any]]] = [
        ("gen_ai.user.message", {"content": "Rain?"}),
        ("gen_ai.assistant.message", {"tool_calls": [call]}),
        ("gen_ai.tool.message", {"id": "c1", "content": "None."}),
        ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"content": "No."}, "tool_calls": [call]}),
    ]
    records = [
        {**place, "eventName": name, "timeUnixNano": str(1_795_000_000_000_000_000 + number), "body": _any(body)}
        for number, (name, body) in enumerate(said)
    ]
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    assert post(server.ports.http_endpoint, "/v1/logs", json.dumps(body).encode(), JSON).status == 200
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai"}
    content = taken(server, store, "opentelemetry.instrumentation.openai_v2", attributes, **place).row.call.content
    assert content is not None
    look = ToolCall("look", '{"at":1}', valid_json=True, id="c1")
    assert content.input == (
        Message("user", (Text("Rain?"),)),
        Message("assistant", (look,)),
        Message("tool", (ToolResponse((Text("None."),), "c1"),)),
    )
    assert content.output == (Message("assistant", (Text("No."), look)),)


def _any(value: Any) -> dict[str, Any]:
    """The value in OTLP's words."""
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": name, "value": _any(held)} for name, held in value.items()]}}
    return {"arrayValue": {"values": [_any(item) for item in value]}} if isinstance(value, list) else _value(value)


def test_tokens_that_nobody_counted_have_no_price(server: Server, store: Store) -> None:
    attributes = {name: value for name, value in LLM.items() if "token_count" not in name}
    call = taken(server, store, "openinference.instrumentation.openai", attributes).row.call
    assert (call.usage, call.cost) == (None, Unpriced("unknown_usage"))


def test_a_call_that_was_refused_is_not_called_unpriced(server: Server, store: Store) -> None:
    raised = {"exception.type": "openai.RateLimitError", "exception.message": "Error code: 429 - slower"}
    pairs = [{"key": name, "value": {"stringValue": value}} for name, value in raised.items()]
    event = {"name": "exception", "timeUnixNano": "1795000000500000000", "attributes": pairs}
    attributes = {"openinference.span.kind": "LLM", "llm.system": "openai"}
    call = taken(server, store, "x", attributes, events=[event], status={"code": 2}).row.call
    assert (call.was_refused, call.cost) == (True, None)


def test_our_own_calls_are_not_priced_anew(server: Server, store: Store) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 5,
    }
    assert taken(server, store, "firsttoken", attributes).row.call.cost is None
    assert isinstance(taken(server, store, "other", attributes).row.call.cost, Ledger)


@pytest.fixture
def price_file(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(PRICES)
    return path


def test_the_users_own_prices_hold_for_what_others_send(price_file: Path) -> None:
    with Store.open(None) as store, Server(store, replace(ANY_PORTS, prices=price_file)) as server:
        cost = taken(server, store, "x", LLM).row.call.cost
        assert isinstance(cost, Ledger)
        assert (cost.total, cost.source) == (Decimal("1.2"), "override prices.toml")


def test_a_file_of_prices_that_cannot_be_read_stops_the_server(price_file: Path) -> None:
    price_file.write_text("price = 1")
    with Store.open(None) as store, pytest.raises(SettingsError, match=r"prices\.toml"):
        Server(store, replace(ANY_PORTS, prices=price_file)).start()


@pytest.mark.parametrize(
    ("scope", "ours"),
    [
        ("firsttoken", True),
        ("firsttoken.openai", True),
        ("firsttokenx.foo", False),
        ("firsttokenx", False),
        ("", False),
    ],
)
def test_only_our_own_scopes_and_those_below_are_ours(scope: str, ours: bool) -> None:
    assert is_our_scope(scope) is ours
