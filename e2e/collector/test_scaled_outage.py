"""Gateways that sample, ended and started again, found by name, and with redaction behind them."""

from __future__ import annotations

import pytest
from patience import until

from e2e.collector.dialect_spans import LLM, OPENINFERENCE
from e2e.collector.redacting import redacting
from e2e.documented import DOCS, commands, found, write_shown_files
from e2e.observed import CONTENT, observed
from e2e.otlp import log_record, logs, sender, span, traces
from e2e.scaled import AT_ONCE, DECIDED, RECEIVED, SAMPLING, Scaled, agent, application_of, behind
from e2e.sink import AWAY

pytestmark = pytest.mark.timeout(900)

TRACES = 6
LONG = {"DECISION_WAIT": "10m", "DECISION_WAIT_AFTER_ROOT": "10m", "KEPT_PERCENT": "100"}
"""A gateway decides when it is told to end, and not before, and then keeps all."""


def both_get_some(scaled: Scaled) -> None:
    """Calls, each a trace, of which each gateway has some."""
    while len(scaled.made) < TRACES or not all(each.told(RECEIVED) for each in scaled.behind):
        scaled.make("whole")
        scaled.app.flush()
        until(lambda: scaled.told(RECEIVED) == len(scaled.made))


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_a_gateway_that_is_told_to_end_decides_first_and_one_that_is_killed_loses_what_was_undecided(
    collector_binary, tmp_path, end
):
    with (
        behind(collector_binary, tmp_path / "first", **LONG) as first,
        behind(collector_binary, tmp_path / "second", **LONG) as second,
        agent(collector_binary, (first, second)) as endpoint,
        application_of(endpoint, (first, second)) as scaled,
    ):
        with second.gateway.running(*SAMPLING):
            with first.gateway.running(*SAMPLING) as child:
                both_get_some(scaled)
                held = first.told(RECEIVED)
                getattr(child, end)()
                child.wait()
            later = {scaled.make("whole") for _ in range(TRACES)}
            scaled.app.flush()
            with first.gateway.running(*SAMPLING):
                until(lambda: scaled.told(RECEIVED) == len(scaled.made) - held)
        lost = held if end == "kill" else 0
        with first.gateway.running(*SAMPLING), second.gateway.running(*SAMPLING):
            until(lambda: len(scaled.kept_traces()) >= len(scaled.made) - lost)

    assert len(scaled.made - scaled.kept_traces()) == lost
    assert later <= scaled.kept_traces()


def test_what_is_kept_while_the_queue_is_full_is_taken_and_lost_and_that_is_counted(collector_binary, tmp_path):
    failed = {"text": "x" * 300_000}
    with (
        behind(collector_binary, tmp_path, QUEUE_BYTES="1000000") as only,
        only.spans.refusing(AWAY),
        only.gateway.running(*SAMPLING),
        sender(f"127.0.0.1:{only.gateway.grpc}") as send,
    ):
        for _ in range(20):
            send(traces([span(failed, error="500")]))
        until(lambda: only.told("otelcol_exporter_enqueue_failed_spans") > 0)

        assert only.told("otelcol_receiver_refused_spans") == 0


def test_an_agent_finds_gateways_by_a_name(collector_binary, tmp_path):
    """The name of an address is the address, wherever the tests run."""
    with behind(collector_binary, tmp_path) as only, only.gateway.running(*SAMPLING):
        by_name = f'{{dns: {{hostname: 127.0.0.1, port: "{only.gateway.grpc}"}}}}'
        with (
            agent(collector_binary, (only,), by_name) as endpoint,
            application_of(endpoint, (only,)) as scaled,
        ):
            trace_id = scaled.make("fail")
            scaled.settle()
            until(lambda: scaled.kept(trace_id))
            until(lambda: only.logs.logs)


def test_every_step_of_several_files_is_done_where_a_last_file_names_them(collector_binary, tmp_path):
    """By the command that the page shows, on a network that is trusted: the tag and the sampling ask for a cost that is
    there under its name of today because of the first step."""
    page = DOCS / "collector" / "scaled.md"
    write_shown_files(page, tmp_path)
    [(first, *others)] = [names for names in commands(page) if "tags.yaml" in names]
    files = (first, "trusted-network.yaml", *(found(name, tmp_path) for name in others))
    cheap, costly = (span(LLM | {"llm.cost.total": total}) for total in (0.1, 1.5))
    older = {"gen_ai.system": "openai", "firsttoken.outcome": "completed"}
    records = [log_record(name, None, older) for name in ("firsttoken.provider_trace", "gen_ai.user.message")]
    with behind(collector_binary, tmp_path) as only, only.gateway.running(*files):
        with sender(f"127.0.0.1:{only.gateway.grpc}") as send:
            send(traces([cheap, costly], OPENINFERENCE))
            send(logs(records))
        until(lambda: only.told(DECIDED) == 2)
        only.spans.wait_for("spans")
        only.logs.wait_for("logs")
    [kept], [record] = only.spans.spans, only.logs.logs

    assert kept.span_id == costly.span_id.hex()
    assert (kept.attributes["costly"], kept.attributes["firsttoken.cost.total"]) == (True, 1.5)
    assert (record.name, record.attributes["gen_ai.provider.name"]) == ("gen_ai.user.message", "openai")


def test_what_is_kept_is_redacted_on_its_way_out(collector_binary):
    with (
        redacting(collector_binary, "gateway-scaled.yaml", **AT_ONCE) as running,
        observed(running.endpoint, settings=CONTENT) as app,
    ):
        app.whole(prompt="canary of a call that went well")
        kept = app.close(prompt="canary of a call that was closed")
        app.flush()
        for back_end in (running.private, running.public):
            back_end.wait_for("spans")
            assert [kept] == [span.trace_id for span in back_end.spans]

    assert "canary of a call that was closed" in str(running.private.spans)
    assert "canary" not in str(running.public.spans)
