"""What a provider states of its cost and its counts, from a real client's answer to the spans and metrics."""

from __future__ import annotations

import json
from typing import Any, Final

import openai
import pytest
from observing import observing

from firsttoken import Settings
from firsttoken.testing import DONE, CapturedTelemetry, ProviderServer, RawAnswer, data_event

USAGE: Final = {"prompt_tokens": 194, "completion_tokens": 2, "total_tokens": 196}
OPENROUTER: Final = USAGE | {"cost": 0.000505, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.000505}}
GEMINI: Final = {"prompt_tokens": 758, "completion_tokens": 102, "total_tokens": 1725}


def whole(usage: dict[str, Any]) -> RawAnswer:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    body = {
        "id": "gen-1",
        "object": "chat.completion",
        "created": 1,
        "model": "any",
        "choices": [choice],
        "usage": usage,
    }
    return RawAnswer(chunks=(json.dumps(body | {"usage": usage}).encode(),), content_type="application/json")


def streamed(usage: dict[str, Any]) -> RawAnswer:
    chunk = {"id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": "any"}
    said = {"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}
    events = ({**chunk, "choices": [said]}, {**chunk, "choices": [], "usage": usage})
    return RawAnswer(chunks=(*(data_event(json.dumps(event)) for event in events), DONE))


def asked(provider: str, model: str, answer: RawAnswer, *, stream: bool) -> CapturedTelemetry:
    with CapturedTelemetry() as telemetry, ProviderServer() as server:
        server.enqueue(answer)
        settings = Settings(providers={f"127.0.0.1:{server.port}": provider})
        with observing(telemetry, settings), openai.OpenAI(api_key="key", base_url=server.openai_base_url) as client:
            said = client.chat.completions.create(model=model, messages=[], stream=stream)
            if stream:
                list(said)
        return telemetry


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_stated_cost_goes_out_unsplit(stream: bool) -> None:
    answer = streamed(OPENROUTER) if stream else whole(OPENROUTER)
    telemetry = asked("openrouter", "openai/gpt-4o", answer, stream=stream)
    (span,) = telemetry.spans
    costs = {name: value for name, value in span["attributes"].items() if name.startswith("firsttoken.cost.")}
    assert costs == {
        "firsttoken.cost.unsplit": 0.000505,
        "firsttoken.cost.total": 0.000505,
        "firsttoken.cost.currency": "USD",
        "firsttoken.cost.source": "openrouter response",
    }
    assert [point["value"] for point in telemetry.points_of("firsttoken.client.cost")] == [0.000505]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_thinking_that_only_a_total_tells_is_in_the_output_and_the_cost(stream: bool) -> None:
    answer = streamed(GEMINI) if stream else whole(GEMINI)
    (span,) = asked("gcp.gemini", "gemini-2.5-pro", answer, stream=stream).spans
    attributes = span["attributes"]
    assert attributes["gen_ai.usage.output_tokens"] == 967
    assert attributes["gen_ai.usage.reasoning.output_tokens"] == 865
    assert attributes["firsttoken.cost.output"] == 0.00967
