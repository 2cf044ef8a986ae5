"""Behind an agent, two gateways keep the traces that somebody will want to see, and each trace at one of them alone."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack

import pytest
from opentelemetry import context
from opentelemetry.trace import format_trace_id
from patience import until

import firsttoken
from e2e.documented import DOCS, missing_of, shown_series
from e2e.programs import free_ports, prometheus
from e2e.queries import values
from e2e.scaled import SAMPLING, SLOW_S, Scaled, agent, application_of, behind

pytestmark = pytest.mark.timeout(900)

KEPT = ("fail", "cut", "close", "slow", "stall", "costly")
STREAMED = ("stream", "cached", "slow", "stall")
CALLS = 'sum(firsttoken_client_calls_total{gen_ai_request_model!="m"})'
SEEN = 'sum by (instance) (firsttoken_client_calls_total{gen_ai_request_model="m"})'
DETAILS = "gen_ai.client.inference.operation.details"
EXCEPTION = "gen_ai.client.operation.exception"
PROVIDER_TRACE = "firsttoken.provider_trace"


@pytest.fixture(scope="module")
def prometheus_url(tmp_path_factory):
    [port] = free_ports(1)
    with prometheus(tmp_path_factory.mktemp("prometheus"), port) as url:
        yield url


@pytest.fixture(scope="module")
def scaled(collector_binary, tmp_path_factory, prometheus_url):
    with ExitStack() as stack:
        gateways = tuple(
            stack.enter_context(
                behind(
                    collector_binary,
                    tmp_path_factory.mktemp("gateway"),
                    PROMETHEUS_REMOTE_WRITE_URL=f"{prometheus_url}/api/v1/write",
                    SPAN_METRICS_LISTEN=f"127.0.0.1:{port}",
                    SPAN_METRICS_EVERY="1s",
                    COLLECTOR_NAME=f"gateway-{port}",
                )
            )
            for port in free_ports(2)
        )
        for each in gateways:
            stack.enter_context(each.gateway.running(*SAMPLING, "span-metrics.yaml"))
        endpoint = stack.enter_context(agent(collector_binary, gateways))
        yield stack.enter_context(application_of(endpoint, gateways))


@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_what_went_wrong_was_slow_or_costly_is_kept_and_the_rest_is_not(scaled: Scaled, sdk):
    kept = {scaled.make(way, sdk=sdk) for way in KEPT}
    dropped = {scaled.make("whole", sdk=sdk) for _ in range(3)}
    scaled.settle()
    for each in kept:
        until(lambda trace_id=each: trace_id in scaled.kept_traces())

    assert not dropped & scaled.kept_traces()


def test_streams_are_kept_that_were_slow_or_stood_still_and_no_others(scaled: Scaled):
    """As their log events say, which are all kept."""
    made = {scaled.make(way) for way in STREAMED}
    scaled.settle()
    until(lambda: {(each, DETAILS) for each in made} <= events(scaled).keys())
    told = {record.trace_id: record.attributes for each in scaled.behind for record in each.logs.logs}
    slow = {
        each
        for each in made
        if told[each]["firsttoken.time_to_first_token"] >= SLOW_S or told[each]["firsttoken.stall.count"] >= 1
    }
    until(lambda: slow <= scaled.kept_traces())

    assert slow == made & scaled.kept_traces()


def test_a_trace_is_kept_or_dropped_whole_and_at_one_gateway(scaled: Scaled):
    kept = [scaled.make("agent", "whole", "fail", "stream") for _ in range(6)]
    dropped = [scaled.make("agent", "whole", "whole") for _ in range(3)]
    scaled.settle()

    whole = Counter({"invoke_agent planner": 1, "execute_tool search": 1, "chat gpt-4.1": 3})
    for trace_id in kept:
        until(lambda each=trace_id: sum(map(len, scaled.kept(each))) == whole.total())
        [spans] = scaled.kept(trace_id)
        assert whole == Counter(span.name for span in spans)
    assert [scaled.kept(trace_id) for trace_id in dropped] == [[]] * len(dropped)


@pytest.mark.parametrize(("way", "names"), [("fail", ["chat gpt-4.1", "invoke_agent late"]), ("whole", [])])
def test_a_root_that_ends_after_the_decision_shares_the_lot_of_its_call(scaled: Scaled, way, names):
    with firsttoken.agent("late"):
        trace_id = scaled.make(way)
        scaled.settle()
    marker = scaled.make("fail")
    scaled.settle()
    until(lambda: scaled.kept(marker))
    until(lambda: sum(map(len, scaled.kept(trace_id))) >= len(names))

    assert [names] * bool(names) == [sorted(span.name for span in spans) for spans in scaled.kept(trace_id)]


def test_a_call_that_fails_after_its_trace_was_dropped_is_in_the_logs_alone(scaled: Scaled):
    with firsttoken.agent("late"):
        trace_id = scaled.make("whole")
        scaled.settle()
        scaled.make("fail")
        scaled.app.flush()
    until(lambda: (trace_id, EXCEPTION) in events(scaled))
    token = context.attach(context.Context())
    scaled.make("fail")
    context.detach(token)
    scaled.settle()

    assert scaled.kept(trace_id) == []


def events(scaled: Scaled) -> Counter[tuple[str, str]]:
    return Counter((record.trace_id, record.name) for each in scaled.behind for record in each.logs.logs)


def test_log_events_are_all_kept_but_for_the_provider_traces_of_calls_that_went_well(scaled: Scaled):
    kept = {scaled.make(way): way for way in KEPT}
    dropped = {scaled.make("whole"): "whole"}
    scaled.settle()
    made = kept | dropped
    expected = Counter(
        [(each, DETAILS) for each in made]
        + [(each, EXCEPTION) for each, way in made.items() if way in ("fail", "cut")]
        + [(each, PROVIDER_TRACE) for each in kept]
    )

    until(lambda: not expected - events(scaled))
    assert expected == Counter({each: count for each, count in events(scaled).items() if each[0] in made})


def test_every_call_is_counted_once_although_most_traces_are_dropped(scaled: Scaled, prometheus_url):
    scaled.make("stream")
    scaled.settle()
    calls = Counter(record.name for each in scaled.behind for record in each.logs.logs)[DETAILS]
    until(lambda: values(prometheus_url, CALLS) == [calls])


def test_spans_are_counted_at_both_gateways_before_they_are_dropped(scaled: Scaled, prometheus_url):
    of_others = scaled.app.tracers.get_tracer("other")
    made = 0
    while made < 4 or len(values(prometheus_url, f"{SEEN} > 0")) < 2:
        span = of_others.start_span("chat m", attributes={"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"})
        span.end()
        scaled.made.add(format_trace_id(span.get_span_context().trace_id))
        made += 1
        scaled.settle()
        until(lambda count=made: sum(values(prometheus_url, SEEN)) == count)

    assert "chat m" not in {span.name for each in scaled.behind for span in each.spans.spans}


def test_what_the_page_shows_is_told_by_the_gateways(scaled: Scaled):
    shown = shown_series(DOCS / "collector" / "scaled.md")
    for way in KEPT:
        scaled.make(way)
    scaled.settle()
    told = [line.partition("{")[0].partition(" ")[0] for each in scaled.behind for line in each.gateway.all_it_says()]

    assert len(shown) >= 4
    assert missing_of(shown, told) == set()


def test_no_span_comes_twice(scaled: Scaled):
    trace_id = scaled.make("agent", "fail")
    scaled.settle()
    until(lambda: scaled.kept(trace_id))

    spans = Counter(span.span_id for each in scaled.behind for span in each.spans.spans)
    assert spans.most_common(1)[0][1] == 1
