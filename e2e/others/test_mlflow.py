"""Real calls in the real MLflow: straight from their program, and through the gateway."""

from __future__ import annotations

import json
from collections import Counter
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from patience import until

from e2e.documented import BACK_ENDS, exported, written
from e2e.gateway import TRUSTED, gateway
from e2e.others.calling import ANSWER, CAPTURED, CLAUDE, GPT, PROMPT, call
from e2e.others.mlflow import mlflow
from e2e.otlp import span, traces

pytestmark = pytest.mark.timeout(1800)
TRACES = 4
SPANS = {"CHAT_MODEL": 4, "TOOL": 1, "AGENT": 1}
COUNTED = {
    "input_tokens": 1200,
    "output_tokens": 34,
    "total_tokens": 1234,
    "cache_read_input_tokens": 1000,
    "cache_creation_input_tokens": 0,
}
PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    with mlflow(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


def documented(there, experiment):
    """What back-ends.md says to export."""
    places = {"mlflow:5000": there.http, "experiment-id=1": f"experiment-id={experiment}"}
    return exported(BACK_ENDS, "MLflow", places)


def arrived(there, experiment):
    """The traces, and the attributes of all their spans."""
    until(lambda: len(there.traces(experiment)) == TRACES)
    found = there.traces(experiment)
    return found, [each["attributes"] for trace in found for each in there.spans(trace["trace_id"])]


def answered(spans):
    return [each for each in spans if "mlflow.chat.tokenUsage" in each]


def test_each_call_is_there_with_its_model_and_tokens_and_without_a_word(there):
    experiment = there.new_experiment("quiet")

    call("s-1", documented(there, experiment))

    found, spans = arrived(there, experiment)
    assert Counter(trace["state"] for trace in found) == {"OK": 3, "ERROR": 1}
    assert Counter(each["mlflow.spanType"] for each in spans) == SPANS
    assert sorted(each["mlflow.llm.model"] for each in answered(spans)) == [CLAUDE, CLAUDE, GPT]
    assert [each["mlflow.chat.tokenUsage"] for each in answered(spans)] == [COUNTED] * 3
    assert not any(words in str((found, spans)) for words in (PROMPT, ANSWER))


def test_a_stream_says_when_its_first_token_came_and_a_whole_answer_does_not(there):
    experiment = there.new_experiment("streams")

    call("s-2", documented(there, experiment))

    said = Counter(
        (each.get("gen_ai.request.stream", False), "firsttoken.time_to_first_token" in each)
        for each in answered(arrived(there, experiment)[1])
    )
    assert said == {(True, True): 2, (False, False): 1}


def test_all_traces_are_of_their_session_and_service(there):
    experiment = there.new_experiment("sessions")

    call("s-3", documented(there, experiment))

    found, _ = arrived(there, experiment)
    said = {(trace["trace_metadata"]["mlflow.trace.session"], trace["tags"]["service.name"]) for trace in found}
    assert said == {("s-3", "shop")}


def test_captured_content_is_the_input_and_output_of_a_call_and_the_preview_of_its_trace(there):
    experiment = there.new_experiment("spoken")

    call("s-4", {**documented(there, experiment), **CAPTURED})

    found, spans = arrived(there, experiment)
    for each in answered(spans):
        assert (text(each["mlflow.spanInputs"]), text(each["mlflow.spanOutputs"])) == (PROMPT, ANSWER)
    previews = [text(json.loads(trace["response_preview"])) for trace in found if "response_preview" in trace]
    assert previews == [ANSWER] * 2


def text(messages):
    [message] = messages
    [part] = message["parts"]
    return part["content"]


def test_what_names_no_experiment_is_refused(there):
    request = traces([span({})]).SerializeToString()

    with pytest.raises(HTTPError, match="422"):
        urlopen(Request(f"http://{there.http}/v1/traces", request, PROTOBUF), timeout=60)


def test_calls_come_through_the_gateway(there, collector_binary, tmp_path):
    experiment = there.new_experiment("gateway")
    places = {"mlflow:5000": there.http, 'experiment-id: "1"': f'experiment-id: "{experiment}"'}
    file = written(BACK_ENDS, "mlflow-too.yaml", tmp_path, places)
    place = gateway(collector_binary, tmp_path)
    quiet = {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    with place.running(*TRUSTED, file):
        call("s-5", {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{place.grpc}", **quiet})

        _, spans = arrived(there, experiment)
    assert Counter(each["mlflow.spanType"] for each in spans) == SPANS
