"""Any receiver of OTLP gets the records of a real program, over either protocol, and joins them with their spans."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from export.programs import run

from firsttoken import ProviderTrace
from firsttoken.testing import ErrorAnswer, ProviderServer, text_answer
from provider_trace import receiver
from provider_trace.receiver import RECEIVERS, decoded
from provider_trace.schema import complaints

PROGRAM = """
import anthropic
with openai.OpenAI(api_key="k", max_retries=2) as retrying:
    for chunk in ask(retrying, stream=True):
        pass
    try:
        ask(retrying)
    except openai.OpenAIError as error:
        print(error.status_code)
with anthropic.Anthropic(api_key="k", max_retries=0) as client:
    client.messages.create(model="claude", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])
"""
SOON = {"retry-after-ms": "1"}
REPLIES = (
    ErrorAnswer(status=429, headers=SOON),
    text_answer("One", " two"),
    ErrorAnswer(status=400),
    text_answer("Three"),
)


def attributes(carrier: Any) -> dict[str, Any]:
    return {pair.key: decoded(pair.value) for pair in carrier.attributes}


@pytest.mark.parametrize("protocol", RECEIVERS)
def test_a_receiver_joins_the_records_of_a_program_with_their_spans(protocol: str) -> None:
    with ProviderServer() as provider, RECEIVERS[protocol]() as received:
        provider.enqueue(*REPLIES)
        ended = run(
            PROGRAM,
            provider.openai_base_url,
            ANTHROPIC_BASE_URL=provider.anthropic_base_url,
            OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
            OTEL_EXPORTER_OTLP_ENDPOINT=received.endpoint,
            OTEL_METRICS_EXPORTER="none",
        )
    assert (ended.stdout, ended.stderr, ended.status) == ("400\n", "", 0)
    joined = received.joined()
    assert len(joined) == len(received.spans) == 3
    assert sum(len(records) for _, records in joined) == len(received.provider_traces) == 4
    told: dict[str, list[tuple[object, ...]]] = {}
    for span, records in joined:
        for record in records:
            body, marks = decoded(record.body), attributes(record)
            assert complaints(body) == []
            assert body["span"] == {"trace_id": span.trace_id.hex(), "span_id": span.span_id.hex()}
            assert marks["gen_ai.request.model"] == body["request"]["model"] == attributes(span)["gen_ai.request.model"]
            assert ProviderTrace.from_log_record(record) == ProviderTrace.from_body(body)
            final, number = body["attempt"]["final"], body["attempt"]["number"]
            assert (marks["firsttoken.attempt.final"], marks["firsttoken.attempt.number"]) == (final, number)
            told.setdefault(span.name, []).append((number, final, body["outcome"], body["response"]["status_code"]))
    assert told == {
        "chat m": [(1, False, "failed", 429), (2, True, "completed", 200), (1, True, "failed", 400)],
        "chat claude": [(1, True, "completed", 200)],
    }


def test_the_receiver_knows_nothing_of_ours() -> None:
    tree = ast.parse(Path(receiver.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    }
    assert not [name for name in imported if name.startswith("firsttoken")]
    assert {name for name in imported if name.startswith("opentelemetry")} == {
        name for name in imported if name.startswith("opentelemetry.proto.")
    }
