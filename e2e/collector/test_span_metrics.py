"""What `span-metrics.yaml` makes of spans is what an application counts itself, and nothing is counted twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import grpc
import pytest
import yaml
from opentelemetry.trace import SpanKind, StatusCode
from patience import until

from e2e.application import FAILED, SECOND, application
from e2e.dashboards.filled import OF_SHOP
from e2e.documented import DOCS, commands, found, missing_of, shown_series, write_shown_files
from e2e.gateway import TRUSTED, gateway
from e2e.observed import observed
from e2e.otlp import sender, span, traces
from e2e.programs import CONFIGURATIONS, free_ports, prometheus
from e2e.queries import asked, values
from firsttoken.call import Attempt, Category
from firsttoken.semconv import names
from firsttoken.semconv.metric import Metric
from firsttoken.semconv.prometheus import series

pytestmark = pytest.mark.timeout(900)

COUNTED = (*TRUSTED, "span-metrics.yaml")
FROM_SPANS = {"firsttoken.metrics.from": "spans"}
CALLS = 'firsttoken_client_calls_total{job="%s"}'
SENDERS, SENT = 16, 50


def every_series() -> list[str]:
    """All that is made of spans, as Prometheus has it."""
    configured = yaml.safe_load((CONFIGURATIONS / "span-metrics.yaml").read_text(encoding="utf-8"))
    metrics = {
        Metric(each["name"], "histogram" if "histogram" in each else "counter", each["unit"])
        for each in configured["connectors"]["signal_to_metrics"]["spans"]
    }
    counters = [series(metric) for metric in metrics if metric.instrument == "counter"]
    histograms = [metric for metric in metrics if metric.instrument == "histogram"]
    histograms.append(names.GEN_AI_CLIENT_INFERENCE_DURATION)
    return sorted(counters + [series(metric, part) for metric in histograms for part in ("bucket", "sum", "count")])


@pytest.fixture(scope="module")
def counted(collector_binary, tmp_path_factory):
    """Where OTLP goes, and Prometheus."""
    folder = tmp_path_factory.mktemp("gateway")
    [port] = free_ports(1)
    soon = {"SPAN_METRICS_LISTEN": f"127.0.0.1:{port}", "SPAN_METRICS_EVERY": "1s"}
    place = gateway(collector_binary, folder, **soon)
    with prometheus(folder, place.prometheus) as url, place.running(*COUNTED):
        yield f"127.0.0.1:{place.grpc}", url


@pytest.fixture(scope="module")
def both_ways(counted):
    """`told` counts its calls, those of `seen` are counted from its spans: the same calls."""
    endpoint, url = counted
    with application(endpoint, "told") as told, application(endpoint, "seen", metrics=False) as seen:
        for app in (told, seen):
            for call in OF_SHOP:
                app.call(call)
        told.metrics.record_stalls(
            OF_SHOP[2].request, OF_SHOP[2].response.model, {"mid_stream": 1, "before_content": 1}
        )
        told.send()
        seen.send()
    for service in ("told", "seen"):
        until(lambda name=service: sum(values(url, CALLS % name)) >= len(OF_SHOP))
    return url


def lines(url: str, name: str, service: str) -> dict[frozenset[tuple[str, str]], float]:
    """By labels; those that say who counted left out, and the modality, which spans tell apart differently."""
    labels = "job, instance, gen_ai_token_modality, otel_scope_name, otel_scope_version, otel_scope_schema_url"
    counts = f'last_over_time({name}{{job="{service}"}}[5m])'
    found = asked(url, "query", query=f"sum without ({labels}) ({counts})")["result"]
    return {frozenset(line["metric"].items()): pytest.approx(float(line["value"][1])) for line in found}


@pytest.mark.parametrize("name", every_series())
def test_spans_give_what_the_application_counts_itself_and_neither_is_counted_twice(both_ways, name):
    until(lambda: lines(both_ways, name, "told") == lines(both_ways, name, "seen") != {})


def test_series_that_the_page_shows_are_there(both_ways):
    shown = shown_series(DOCS / "collector" / "span-metrics.md")

    assert len(shown) >= 6
    until(lambda: not missing_of(shown, asked(both_ways, "label/__name__/values")))


def test_retries_of_several_kinds_are_counted_without_a_kind_and_their_time_is_right(counted):
    endpoint, url = counted
    attempts = (
        Attempt(SECOND // 10, SECOND // 2, Category.RATE_LIMIT, 429),
        Attempt(SECOND, SECOND // 4, Category.CONNECTION),
    )
    with application(endpoint, "retried", metrics=False) as app:
        app.call(replace(FAILED, attempts=attempts, resend_count=2))
        app.send()
    of_service = 'sum by (firsttoken_error_category) (last_over_time(%s{job="retried"}[5m]))'
    for name, expected in (
        ("firsttoken_client_retries_total", 2),
        ("firsttoken_client_retry_time_seconds_total", 1.25),
    ):
        until(lambda question=of_service % name: values(url, question))
        [line] = asked(url, "query", query=of_service % name)["result"]
        assert (line["metric"], float(line["value"][1])) == ({}, expected)


def test_exemplars_lead_from_a_bucket_to_a_trace(both_ways):
    asking = {"query": 'gen_ai_client_inference_duration_seconds_bucket{job="seen"}', "start": "0", "end": "4000000000"}
    until(lambda: asked(both_ways, "query_exemplars", **asking))

    found = asked(both_ways, "query_exemplars", **asking)
    assert all(re.fullmatch(r"[0-9a-f]{32}", e["labels"]["trace_id"]) for line in found for e in line["exemplars"])


@pytest.mark.parametrize(
    ("failed", "ending", "unpriced"), [(False, "completed", [1.0]), (True, "failed", [])], ids=["completed", "failed"]
)
def test_calls_of_other_instrumentations_are_counted_as_far_as_they_tell(counted, failed, ending, unpriced):
    endpoint, url = counted
    service = f"other-{ending}"
    with application(endpoint, service) as app:
        said = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4.1"}
        span = app.tracers.get_tracer("other").start_span("chat gpt-4.1", kind=SpanKind.CLIENT, attributes=said)
        if failed:
            span.set_status(StatusCode.ERROR)
        span.end()
        app.tracers.get_tracer("other").start_span("invoke_agent x", attributes={"gen_ai.operation.name": "x"}).end()
        app.tracers.get_tracer("other").start_span("GET /").end()
        app.send()
    until(lambda: values(url, CALLS % service))

    [calls] = asked(url, "query", query=f"last_over_time({CALLS % service}[5m])")["result"]
    assert (calls["metric"]["firsttoken_outcome"], calls["value"][1]) == (ending, "1")
    until(lambda: values(url, f'gen_ai_client_inference_duration_seconds_count{{job="{service}"}}') == [1.0])
    assert unpriced == values(url, f'last_over_time(firsttoken_client_unpriced_calls_total{{job="{service}"}}[5m])')
    assert [1.0] * failed == values(url, f'last_over_time(firsttoken_client_errors_total{{job="{service}"}}[5m])')


OVER_OTHERS = [
    (DOCS / "collector" / page, names)
    for page in ("normalise.md", "span-metrics.md")
    for names in commands(DOCS / "collector" / page)
    if {"normalise.yaml", "span-metrics.yaml"} <= {*names}
]


@pytest.mark.parametrize(("page", "names"), OVER_OTHERS, ids=["normalise", "span-metrics"])
def test_older_names_are_made_new_before_they_are_counted(collector_binary, tmp_path, page, names):
    """By the commands that the pages show, but on a network that is trusted."""
    write_shown_files(page, tmp_path)
    [port] = free_ports(1)
    soon = {"SPAN_METRICS_LISTEN": f"127.0.0.1:{port}", "SPAN_METRICS_EVERY": "1s"}
    place = gateway(collector_binary, tmp_path, **soon)
    first, *others = (found(name, tmp_path) for name in names)
    said = {
        "gen_ai.system": "OpenAI",
        "llm.request.type": "chat",
        "gen_ai.request.model": "gpt-4.1",
        "gen_ai.usage.prompt_tokens": 7,
        "openai.response.service_tier": "flex",
    }
    with prometheus(tmp_path, place.prometheus) as url, place.running(first, "trusted-network.yaml", *others):
        with application(f"127.0.0.1:{place.grpc}", "older") as app:
            app.tracers.get_tracer("opentelemetry.instrumentation.openai.v1").start_span("x", attributes=said).end()
            app.send()
        of_openai = '{job="older", gen_ai_provider_name="openai", openai_response_service_tier="flex"}'
        until(lambda: values(url, f"gen_ai_client_inference_usage_input_tokens_total{of_openai}") == [7])
        until(lambda: values(url, f"gen_ai_client_inference_duration_seconds_count{of_openai}") == [1])


def test_what_many_send_at_once_is_all_counted(counted):
    endpoint, url = counted
    said = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4.1", "gen_ai.usage.input_tokens": 3}
    all_are_there = Barrier(SENDERS)

    def send_each_alone(_):
        with sender(endpoint) as send:
            all_are_there.wait()
            for _ in range(SENT):
                send(traces([span(said)], **{"service.name": "crowd"}))

    with ThreadPoolExecutor(SENDERS) as threads:
        list(threads.map(send_each_alone, range(SENDERS)))
    for name, each in (
        ("firsttoken_client_calls_total", 1),
        ("gen_ai_client_inference_usage_input_tokens_total", 3),
        ("gen_ai_client_inference_duration_seconds_count", 1),
    ):
        until(lambda asking=f'{name}{{job="crowd"}}', n=each: values(url, asking) == [n * SENDERS * SENT])


def test_what_a_full_queue_refuses_is_counted_at_each_try_as_the_page_says(collector_binary, tmp_path):
    [port] = free_ports(1)
    soon = {"SPAN_METRICS_LISTEN": f"127.0.0.1:{port}", "SPAN_METRICS_EVERY": "1s"}
    place = gateway(collector_binary, tmp_path, QUEUE_BYTES="1000000", **soon)
    said = {"gen_ai.operation.name": "chat", "text": "x" * 300_000}
    tries = refused = 0
    with (
        prometheus(tmp_path, place.prometheus) as url,
        place.running(*COUNTED),
        sender(f"127.0.0.1:{place.grpc}") as send,
    ):
        while refused < 3:
            try:
                send(traces([span(said)], **{"service.name": "refused"}))
            except grpc.RpcError:
                refused += 1
            tries += 1
        until(lambda: place.says("otelcol_exporter_enqueue_failed_spans") == refused)
        until(lambda: values(url, CALLS % "refused") == [tries])


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_calls_of_the_sdks_are_counted_from_spans_alone(counted, sdk):
    endpoint, url = counted
    ways = ("whole", "stream", "cached", "fail", "cut", "close", "costly")
    with observed(endpoint, f"real-{sdk}", resource=FROM_SPANS) as app:
        app.meters.shutdown()
        for way in ways:
            getattr(app, way)(sdk=sdk)
        app.tracers.force_flush()
    until(lambda: sum(values(url, CALLS % f"real-{sdk}")) == len(ways))

    outcomes = asked(url, "query", query=f"sum by (firsttoken_outcome) (last_over_time({CALLS % f'real-{sdk}'}[5m]))")[
        "result"
    ]
    counts = {line["metric"]["firsttoken_outcome"]: float(line["value"][1]) for line in outcomes}
    assert counts == {"completed": 4, "failed": 2, "closed": 1}
