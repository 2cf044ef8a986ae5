"""What other instrumentations record of real calls, on its way through a Collector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from other_emitters.recording import OPENINFERENCE, OPENLLMETRY, OPENTELEMETRY, recorded
from patience import until

from e2e.collector.normalising import (
    RENAMED,
    Normalise,
    assert_same,
    calls_of,
    contents_of,
    normalised,
    normalising,
    plainly_read,
    spans_of,
)
from e2e.collector.redacting import raw, through, told
from e2e.documented import DOCS, commands
from e2e.gateway import gateway
from e2e.otlp import requests_of, sender
from e2e.programs import free_ports, prometheus
from e2e.queries import values

pytestmark = pytest.mark.timeout(300)

EMITTERS = (OPENLLMETRY, OPENINFERENCE, OPENTELEMETRY)
NORMALISING = DOCS / "collector" / "normalise.md"


@pytest.fixture(scope="module")
def normalise(collector_binary: Path) -> Iterator[Normalise]:
    with normalised(collector_binary) as through:
        yield through


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[ExportTraceServiceRequest]]:
    """What each of the other emitters sends of the same calls."""
    folder = tmp_path_factory.mktemp("hours")
    with ThreadPoolExecutor(len(EMITTERS)) as threads:
        files = list(threads.map(lambda emitter: recorded(emitter, folder, rounds=1), EMITTERS))
    return {
        emitter: [request for request in requests_of(file) if isinstance(request, ExportTraceServiceRequest)]
        for emitter, file in zip(EMITTERS, files, strict=True)
    }


@pytest.mark.parametrize("emitter", EMITTERS)
def test_calls_of_another_emitter_are_the_same_calls_by_current_names_alone(
    emitter: str, hours: Mapping[str, list[ExportTraceServiceRequest]], normalise: Normalise
) -> None:
    sent = hours[emitter]
    arrived = normalise(sent)

    calls = calls_of(sent)
    assert len(calls) > 20
    assert_same(plainly_read(arrived, calls), calls, sent)
    assert_same(calls_of(arrived), calls, sent)
    assert contents_of(arrived) == contents_of(sent)


def test_nothing_is_left_under_an_older_name_unless_that_is_wanted(
    collector_binary: Path, hours: Mapping[str, list[ExportTraceServiceRequest]], normalise: Normalise
) -> None:
    sent = hours[OPENINFERENCE][:1]
    (moved,) = spans_of(normalise(sent))
    with normalising(collector_binary, KEEP_OLDER_NAMES="true") as (endpoint, received), sender(endpoint) as send:
        send(sent[0])
        received.wait_for("spans")
        (kept,) = received.spans

    (came,) = spans_of(sent)
    assert not RENAMED.keys() & moved.attributes.keys()
    assert came.attributes.items() <= kept.attributes.items()
    assert moved.attributes == {name: kept.attributes[name] for name in kept.attributes if name not in RENAMED}


def test_boards_count_calls_and_tokens_of_other_emitters_once(
    hours: Mapping[str, list[ExportTraceServiceRequest]], collector_binary: Path, tmp_path: Path
) -> None:
    """By the command that docs/collector/normalise.md shows."""
    [port] = free_ports(1)
    soon = {"SPAN_METRICS_LISTEN": f"127.0.0.1:{port}", "SPAN_METRICS_EVERY": "1s"}
    place = gateway(collector_binary, tmp_path, **soon)
    [(first, *others)] = [names for names in commands(NORMALISING) if "span-metrics.yaml" in names]
    calls = {emitter: list(calls_of(hours[emitter]).values()) for emitter in EMITTERS}
    with (
        prometheus(tmp_path, place.prometheus) as url,
        place.running(first, "trusted-network.yaml", *others),
        sender(f"127.0.0.1:{place.grpc}") as send,
    ):
        for emitter in EMITTERS:
            for request in hours[emitter]:
                send(request)
        for emitter, made in calls.items():
            assert_counted(url, "firsttoken_client_calls_total", emitter, len(made))
            used = [call.usage for call in made if call.usage and call.request.operation != "embeddings"]
            for way in ("input", "output"):
                tokens = sum(getattr(usage, f"{way}_tokens") or 0 for usage in used)
                assert_counted(url, f"gen_ai_client_inference_usage_{way}_tokens_total", emitter, tokens)


def assert_counted(url: str, metric: str, job: str, wanted: int) -> None:
    query = f'sum({metric}{{job="{job}"}})'
    until(lambda: values(url, query) == [wanted], 60)


@pytest.mark.parametrize("emitter", [OPENLLMETRY, OPENINFERENCE])
def test_what_another_emitter_says_is_held_back_and_its_counts_are_not(
    emitter: str, hours: Mapping[str, list[ExportTraceServiceRequest]], collector_binary: Path
) -> None:
    private, public = through(collector_binary, *hours[emitter])

    for said in (b"which city next", b"You answer travellers", b"that caf"):
        assert said in raw(private)
        assert said not in raw(public)
    assert sorted(map(told, private.spans), key=repr) == sorted(map(told, public.spans), key=repr)
    counts = {"gen_ai.usage.output_tokens", "llm.token_count.completion"}
    assert sum(not counts.isdisjoint(each.attributes) for each in public.spans) > 15
