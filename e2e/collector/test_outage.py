"""What the gateway took is not lost: while a back end is away or refuses, and when the gateway itself is ended."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest
from dashboards.committed import every_promql, filled_in
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub
from patience import until

from e2e.documented import DOCS, missing_of, shown_series
from e2e.gateway import TRUSTED, gateway
from e2e.http_server import Quiet, answering
from e2e.observed import observed
from e2e.otlp import sender, span, traces
from e2e.programs import CONFIGURATIONS, free_ports, prometheus, running
from e2e.queries import asked, values
from e2e.sink import AWAY, MALFORMED, TAKEN, TOO_MANY, TOO_MANY_FOR_GOOD, Received, grpc_sink, http_sink

pytestmark = pytest.mark.timeout(900)

RETRY_ON_429 = "--feature-gates=exporter.prometheusremotewritexporter.RetryOn429"
CALLS = 20
PAGE = DOCS / "collector" / "gateway.md"
EVENTS = ("gen_ai.client.inference.operation.details", "firsttoken.provider_trace")
COUNTED = 'sum(gen_ai_client_inference_duration_seconds_count{job="shop"})'


@contextmanager
def back_ends(place, at_traces=None, at_logs=None):
    with grpc_sink(place.traces, at_traces) as spans, http_sink(place.logs, at_logs) as (_, logs):
        yield spans, logs


def calls(app, count=CALLS):
    traces = [app.stream() for _ in range(count)]
    app.flush()
    return traces


def arrived_once(traces, at_traces: Received, at_logs: Received):
    """Every span and every log record of these calls, and none twice."""
    at_traces.until(lambda: len(at_traces.spans) >= len(traces))
    at_logs.until(lambda: len(at_logs.logs) >= len(traces) * len(EVENTS))
    assert Counter(traces) == Counter(span.trace_id for span in at_traces.spans)
    expected = Counter((trace, event) for trace in traces for event in EVENTS)
    assert expected == Counter((record.trace_id, record.name) for record in at_logs.logs)


@pytest.mark.parametrize("end", ["end", "kill"])
def test_what_waits_for_back_ends_outlives_the_gateway(collector_binary, tmp_path, end):
    place = gateway(collector_binary, tmp_path)
    with place.many_times() as lives, observed(f"127.0.0.1:{place.grpc}") as app:
        lives.start()
        before = calls(app)
        accepted_s = time.time()
        getattr(lives, end)()
        lives.start()
        after = calls(app)
        with back_ends(place) as (at_traces, at_logs), prometheus(tmp_path, place.prometheus) as url:
            arrived_once(before + after, at_traces, at_logs)
            until(lambda: values(url, COUNTED) == [2 * CALLS])
            assert values(url, COUNTED, time=str(accepted_s)) == [CALLS]


@pytest.mark.parametrize("refusal", [AWAY, TOO_MANY], ids=["away", "too many"])
def test_what_a_back_end_refuses_for_a_while_arrives_once(collector_binary, tmp_path, refusal):
    place = gateway(collector_binary, tmp_path)
    with (
        back_ends(place) as (at_traces, at_logs),
        place.running(),
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):
        with at_traces.refusing(refusal), at_logs.refusing(refusal):
            traces = calls(app)
            for received in (at_traces, at_logs):
                received.until(lambda tried=received: tried.refused >= 2)
        arrived_once(traces, at_traces, at_logs)


@pytest.mark.parametrize("refusal", [MALFORMED, TOO_MANY_FOR_GOOD], ids=["malformed", "too many"])
def test_what_a_back_end_refuses_for_good_is_dropped_and_counted(collector_binary, tmp_path, refusal):
    place = gateway(collector_binary, tmp_path)
    with back_ends(place) as (at_traces, _), place.running(), observed(f"127.0.0.1:{place.grpc}") as app:
        with at_traces.refusing(refusal):
            calls(app)
            until(lambda: place.says("otelcol_exporter_send_failed_spans") == CALLS)
        later = calls(app, 1)
        at_traces.until(lambda: later == [span.trace_id for span in at_traces.spans])


def test_what_the_page_shows_is_told_by_the_gateway_and_arrives(collector_binary, tmp_path):
    shown = shown_series(PAGE)
    place = gateway(collector_binary, tmp_path)
    with (
        back_ends(place) as (at_traces, at_logs),
        prometheus(tmp_path, place.prometheus) as url,
        place.running(),
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):
        app.stream()
        app.whole(sdk="anthropic", model="claude-sonnet-4-6")
        app.fail()
        app.flush()
        at_traces.until(lambda: len(at_traces.spans) == 3)
        at_logs.until(lambda: len(at_logs.logs) == 7)
        with at_traces.refusing(MALFORMED):
            calls(app, 1)
            until(lambda: place.says("otelcol_exporter_send_failed_spans") == 1)
        own = {line.partition("{")[0] for line in place.all_it_says()}
        until(lambda: not missing_of(shown, own | set(asked(url, "label/__name__/values"))))
        told = {each.name for each in (*at_traces.spans, *at_logs.logs)}
        told |= {event.name for span in at_traces.spans for event in span.events}

    assert len(shown) >= 5
    assert [name for name in sorted(told) if f"`{name}`" not in PAGE.read_text(encoding="utf-8")] == []


def test_a_full_queue_refuses_and_what_it_refuses_waits_in_the_application(collector_binary, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")
    place = gateway(collector_binary, tmp_path, QUEUE_BYTES="1000000")

    def send_large(app, number):
        app.tracers.get_tracer("large").start_span(f"large {number:02}", attributes={"text": "x" * 100_000}).end()
        assert app.tracers.force_flush()

    with place.running(), observed(f"127.0.0.1:{place.grpc}") as app, ThreadPoolExecutor(1) as thread:
        sent = thread.submit(lambda: [send_large(app, number) for number in range(CALLS)])
        until(lambda: place.says("otelcol_exporter_enqueue_failed_spans") > 0)
        with back_ends(place) as (at_traces, _):
            sent.result()
            assert [f"large {number:02}" for number in range(CALLS)] == at_traces.wait_for("spans", CALLS)


def test_the_board_tells_what_was_given_up_and_not_what_waits(collector_binary, tmp_path):
    place, [port] = gateway(collector_binary, tmp_path), free_ports(1)
    given_up = [query for query in every_promql() if query.panel["title"] == "What the Collector gave up"]
    with (
        back_ends(place) as (at_traces, _),
        place.running(),
        prometheus(tmp_path, port, scraped=[place.own_metrics]) as url,
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):

        def told():
            answers = [asked(url, "query", query=filled_in(query.expression, "1m"))["result"] for query in given_up]
            return {line["metric"]["exporter"] for answer in answers for line in answer if float(line["value"][1])}

        calls(app, 1)
        until(lambda: values(url, "increase(otelcol_exporter_send_failed_metric_points[1m])") > [0])
        assert told() == set()
        with at_traces.refusing(MALFORMED):
            until(lambda: calls(app, 1) and told() == {"otlp_grpc/traces"})


def test_a_sample_that_prometheus_refuses_for_good_holds_up_none_that_come_later(collector_binary, tmp_path):
    place = gateway(collector_binary, tmp_path)
    with (
        prometheus(tmp_path, place.prometheus) as url,
        place.running(),
        grpc.insecure_channel(f"127.0.0.1:{place.grpc}") as channel,
    ):
        send = MetricsServiceStub(channel).Export
        send(gauge("load", time.time_ns(), 1.0))
        until(lambda: values(url, "load") == [1])
        send(gauge("load", time.time_ns() - 7200 * 1_000_000_000, 2.0))
        send(gauge("later", time.time_ns(), 3.0))

        until(lambda: values(url, "later") == [3])
        assert values(url, "load") == [1]


def gauge(name, time_unix_ns, value):
    points = [{"timeUnixNano": str(time_unix_ns), "asDouble": value}]
    metrics = [{"name": name, "gauge": {"dataPoints": points}}]
    return ParseDict({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}, ExportMetricsServiceRequest())


@pytest.mark.parametrize(("options", "tried"), [([], 1), ([RETRY_ON_429], 3)], ids=["as it is", "with the gate"])
def test_remote_writes_that_are_too_many_are_tried_again_behind_a_gate(collector_binary, tmp_path, options, tried):
    place = gateway(collector_binary, tmp_path)
    files = [part for name in TRUSTED for part in ("--config", str(CONFIGURATIONS / name))]
    command = [str(collector_binary), *options, *files]
    with (
        limited(place.prometheus, refused=2) as answers,
        running(command, place.environment, ready="Everything is ready"),
        grpc.insecure_channel(f"127.0.0.1:{place.grpc}") as channel,
    ):
        MetricsServiceStub(channel).Export(gauge("load", time.time_ns(), 1.0))
        until(lambda: len(answers) == tried)
        if not options:
            until(lambda: place.says("otelcol_exporter_send_failed_metric_points") == 2)

    assert answers == [429, 429, 204][:tried]


@contextmanager
def limited(port, refused):
    """Refuses so many remote writes, and takes the next ones. Its answers."""
    answers = []

    class Handler(Quiet):
        def do_POST(self):
            self.body()
            answers.append(429 if len(answers) < refused else 204)
            self.answer(answers[-1])

    with answering(Handler, port):
        yield answers


def test_what_was_taken_but_not_answered_comes_again(collector_binary, tmp_path):
    place = gateway(collector_binary, tmp_path)
    with back_ends(place) as (at_traces, _), place.running(), observed(f"127.0.0.1:{place.grpc}") as app:
        with at_traces.refusing(TAKEN):
            [trace] = calls(app, 1)
            at_traces.until(lambda: at_traces.spans)
        at_traces.until(lambda: [span.trace_id for span in at_traces.spans][-2:] == [trace, trace])


@pytest.mark.parametrize(
    ("most", "arriving"),
    [({}, ["first"]), ({"BATCH_BYTES": "9000000"}, ["first", "large", "last"])],
    ids=["3 MB", "9 MB"],
)
def test_a_span_that_is_larger_than_a_batch_is_dropped_with_what_stands_behind_it(
    collector_binary, tmp_path, most, arriving
):
    """Which is what a Collector does: where a newer one fails this, the page says too much."""
    place = gateway(collector_binary, tmp_path, **most)
    spans = [span({}, "first"), span({"said": "x" * 4_000_000}, "large"), span({}, "last")]
    with back_ends(place) as (at_traces, _), place.running(), sender(f"127.0.0.1:{place.grpc}") as send:
        send(traces(spans))
        at_traces.until(lambda: at_traces.now("spans") == arriving)
        send(traces([span({}, "next")]))
        at_traces.until(lambda: at_traces.now("spans") == sorted([*arriving, "next"]))
