"""The Monitor tab: spans become metrics in Jaeger, Prometheus keeps them, and Jaeger reads them back."""

from __future__ import annotations

import time

import pytest
import yaml
from patience import until

from e2e.jaeger.program import FOLDER, jaeger
from e2e.observed import observed
from e2e.programs import free_ports, prometheus
from e2e.queries import values
from firsttoken.semconv import own

COUNTED = (
    'sum(traces_span_metrics_calls_total{service_name="shop", span_name="chat gpt-4.1", span_kind="SPAN_KIND_CLIENT"})'
)
UNITS = {"ms": 0.001, "s": 1, "m": 60}


@pytest.fixture(scope="module")
def monitored(tmp_path_factory):
    """Jaeger and its Prometheus after two processes of one service made three calls each, a third of which failed."""
    [port] = free_ports(1)
    with (
        jaeger({"PROMETHEUS_URL": f"http://127.0.0.1:{port}"}) as monitor,
        prometheus(tmp_path_factory.mktemp("prometheus"), port, scraped=[monitor.span_metrics_port]) as prometheus_url,
    ):
        for process in (1, 2):
            with observed(monitor.otlp, resource={"service.instance.id": str(process)}) as app:
                app.stream()
                app.slow(0.3)
                app.fail()
            until(lambda process=process: values(prometheus_url, COUNTED) == [3 * process])
        yield monitor


def monitor_tab(monitored, figure: str, **more: str) -> dict[str, list[float]]:
    """What the page asks for a graph: by name of span, without the moments of which there is nothing."""
    answer = monitored.asked(
        f"/api/metrics/{figure}",
        service="shop",
        spanKind="client",
        groupByOperation="true",
        endTs=str(int(time.time() * 1000)),
        lookback="60000",
        step="1000",
        ratePer="600000",
        **more,
    )
    found = {}
    for line in answer["metrics"]:
        name = {each["name"]: each["value"] for each in line["labels"]}["operation"]
        points = [point["gaugeValue"]["doubleValue"] for point in line["metricPoints"]]
        found[name] = [value for value in points if value != "NaN"]
    return found


def test_processes_of_a_service_are_counted_together_by_the_name_of_the_span(monitored):
    until(lambda: bool(monitor_tab(monitored, "calls").get("chat gpt-4.1")))

    [(name, rates)] = monitor_tab(monitored, "calls").items()

    assert name == "chat gpt-4.1"
    assert max(rates) > 0


def test_a_share_of_the_calls_are_errors(monitored):
    """Prometheus works it out from what was added between scrapes, so that it is a third only about."""
    until(lambda: bool(monitor_tab(monitored, "errors").get("chat gpt-4.1")))

    assert 0 < monitor_tab(monitored, "errors")["chat gpt-4.1"][-1] < 1


def test_latencies_are_milliseconds(monitored):
    until(lambda: bool(monitor_tab(monitored, "latencies", quantile="0.95").get("chat gpt-4.1")))

    slowest = monitor_tab(monitored, "latencies", quantile="0.95")["chat gpt-4.1"][-1]

    assert slowest >= 200


def test_durations_have_all_the_buckets_of_our_own_metrics():
    connector = yaml.safe_load((FOLDER / "jaeger.yaml").read_text(encoding="utf-8"))["connectors"]["spanmetrics"]

    buckets = [in_seconds(each) for each in connector["histogram"]["explicit"]["buckets"]]

    assert buckets == sorted(buckets)
    assert set(own.STREAM_BOUNDS) <= set(buckets)


def in_seconds(duration: str) -> float:
    unit = duration.lstrip("0123456789")
    return float(duration.removesuffix(unit)) * UNITS[unit]
