"""From a real SDK call, in a program that knows nothing of us, over OTLP to a line of an answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from pydantic import TypeAdapter

from firsttoken.analyse import CallRow, ModelTotals, Percentiles, Report, Totals
from firsttoken.call import Call, Timing, Unpriced
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Selection, Store
from firsttoken.testing import ProviderServer, ReceivedRequest
from path.ways import CHUNKS, FIRST_AFTER_S, PRICES, Way, reply_to, ways

BIN: Final = Path(sys.executable).parent
FIRSTTOKEN: Final = str(BIN / "firsttoken")
PROGRAM: Final = (sys.executable, str(Path(__file__).with_name("program.py")))
FOREIGN: Final = ("FIRSTTOKEN_", "OTEL_", "OPENAI_", "ANTHROPIC_", "PYTHONPATH", "XDG_")

PROTOCOLS: Final = {"grpc": "grpc", "http": "http/protobuf"}
RUNS: Final = {"priced": "", "priced.older": "older", "priced.both": "both"}
"""Under the names of which conventions the calls of `firsttoken run` are told."""
RAW_OUTPUT: Final = {"openai": "completion_tokens", "anthropic": "output_tokens"}
"""In the provider's own usage object."""
ROWS, REPORT = TypeAdapter(list[CallRow]), TypeAdapter(Report)


@dataclass(frozen=True, slots=True)
class Place:
    """The real server, the provider, and the environment of somebody who configured nothing."""

    server: Server
    store: Store
    provider: ProviderServer
    environ: Mapping[str, str]

    @property
    def page_port(self) -> str:
        return str(self.server.ports.page_url).rpartition(":")[2].strip("/")

    def command(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            words, env={**self.environ, **environ}, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        return done

    def ask(self, question: str, *options: str) -> str:
        """The answer of `firsttoken calls` or `firsttoken report`, over all that has been delivered."""
        self.store.flush()
        return self.command(FIRSTTOKEN, question, "--page-port", self.page_port, "--json", *options).stdout

    def sent(self, way: Way) -> ReceivedRequest:
        """The one request that the provider got."""
        (request,) = (request for request in self.provider.requests if request.model == way.model)
        return request


@dataclass(frozen=True, slots=True)
class Done:
    """A program that has ended: what it printed, and what the answers say of it."""

    printed: list[list[object]]
    calls: list[CallRow]
    report: Report | None = None

    def row(self, way: Way) -> CallRow:
        """The one row of a call."""
        (row,) = (row for row in self.calls if row.call.request.model == way.model)
        return row


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("path")
    (folder / "prices.toml").write_text(PRICES)
    settings = ServeSettings(grpc_port=0, http_port=0, page_port=0)
    with (
        ProviderServer(reply_to) as provider,
        Store.open(folder / "calls.duckdb") as store,
        Server(store, settings) as server,
    ):
        unconfigured = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        urls = {"OPENAI_BASE_URL": provider.openai_base_url, "ANTHROPIC_BASE_URL": provider.anthropic_base_url}
        yield Place(server, store, provider, {**unconfigured, **urls, "HOME": str(folder)})


def observe(place: Place, prefix: str, conventions: str) -> Done:
    """`firsttoken run` on the program, then the two questions that a person would ask."""
    run = place.command(
        *(FIRSTTOKEN, "run", "--page-port", place.page_port, "--json", "--include-usage", "--", *PROGRAM, prefix),
        FIRSTTOKEN_PRICES=str(Path(place.environ["HOME"]) / "prices.toml"),
        FIRSTTOKEN_CONVENTIONS=conventions,
        FIRSTTOKEN_LIVE="false",  # How many log records there are would depend on how fast the machine is.
    )
    summed_up = REPORT.validate_json(run.stderr.splitlines()[-1])
    of_run = ("--run", str(summed_up.selection.run_id))
    report = REPORT.validate_json(place.ask("report", *of_run))
    assert summed_up == report
    return Done(json.loads(run.stdout), ROWS.validate_json(place.ask("calls", *of_run)), report)


def export(place: Place, prefix: str) -> Done:
    """`opentelemetry-instrument` on the program, with nothing but the standard variables."""
    ports = place.server.ports
    run = place.command(
        *(str(BIN / "opentelemetry-instrument"), *PROGRAM, prefix),
        OTEL_SERVICE_NAME=prefix,
        FIRSTTOKEN_EXIT_TIMEOUT_S="30",  # for a machine that is busy
        OTEL_EXPORTER_OTLP_PROTOCOL=PROTOCOLS[prefix],
        OTEL_EXPORTER_OTLP_ENDPOINT=str(ports.grpc_endpoint if prefix == "grpc" else ports.http_endpoint),
    )
    rows = ROWS.validate_json(place.ask("calls", "--limit", "100"))
    return Done(json.loads(run.stdout), [row for row in rows if row.service == prefix])


@pytest.fixture(scope="module")
def done(place: Place) -> dict[str, Done]:
    """By prefix. The programs run at once and share the server, as they do on a desk."""
    with ThreadPoolExecutor() as pool:
        observed = {prefix: pool.submit(observe, place, prefix, names) for prefix, names in RUNS.items()}
        exported = {prefix: pool.submit(export, place, prefix) for prefix in PROTOCOLS}
        return {prefix: job.result() for prefix, job in {**observed, **exported}.items()}


def holds_together(timing: Timing, way: Way) -> bool:
    """Whether the marks come in their order, and the first token no sooner than the provider sent it."""
    if not way.streams:
        marks = (timing.first_chunk_ns, timing.first_token_ns, timing.last_chunk_ns, timing.chunk_count)
        return marks == (None,) * 4 and timing.duration_ns >= FIRST_AFTER_S * 1e9
    marks = (timing.headers_ns, timing.first_chunk_ns, timing.first_token_ns, timing.last_chunk_ns, timing.duration_ns)
    known = [mark for mark in marks if mark is not None]
    in_order = known == sorted(known) and len(known) == len(marks) and known[1] >= FIRST_AFTER_S * 1e9
    return in_order and timing.chunk_count == CHUNKS[way.sdk]


@pytest.mark.parametrize("way", [way for run in RUNS for way in ways(run)], ids=str)
def test_a_call_under_firsttoken_run_becomes_a_line_of_the_answers(
    place: Place, done: dict[str, Done], way: Way
) -> None:
    row = done[way.prefix].row(way)
    expected = way.call(place.provider.port, place.sent(way), row.call.timing, way.cost())
    assert replace(expected, raw_usage=row.call.raw_usage) == row.call
    assert json.loads(str(row.call.raw_usage))[RAW_OUTPUT[way.sdk]] == way.usage.output_tokens
    assert row.service == "program"
    assert holds_together(row.call.timing, way)


@pytest.mark.parametrize("way", [*ways("grpc"), *ways("http")], ids=str)
def test_a_call_under_opentelemetry_instrument_becomes_a_line_of_the_answers(
    place: Place, done: dict[str, Done], way: Way
) -> None:
    row = done[way.prefix].row(way)
    expected = way.call(place.provider.port, place.sent(way), row.call.timing, Unpriced("unknown_model"))
    unasked = way.sdk == "openai" and way.streams
    assert (row.call.raw_usage is None) is unasked
    assert (without_usage(expected) if unasked else replace(expected, raw_usage=row.call.raw_usage)) == row.call
    assert row.run_id is None
    assert holds_together(row.call.timing, way)


def without_usage(call: Call) -> Call:
    """A Chat Completions stream that nobody asked for its usage."""
    response = replace(call.response, hidden_reasoning=False)
    return replace(call, response=response, usage=None, cost=Unpriced("unknown_usage"))


def test_the_program_is_given_what_the_provider_sent_whoever_watches(done: dict[str, Done]) -> None:
    expected = [way.printed for way in ways("")]
    assert dict.fromkeys(done, expected) == {prefix: program.printed for prefix, program in done.items()}


@pytest.mark.parametrize("run", RUNS)
def test_the_report_of_a_run_adds_up_what_the_provider_sent(done: dict[str, Done], run: str) -> None:
    observed = done[run]
    timings = {way: observed.row(way).call.timing for way in ways(run)}
    models = [ModelTotals(way.sdk, way.model, totals({way: timings[way]})) for way in timings]
    expected = Report(
        selection=Selection(run_id=observed.calls[0].run_id),
        totals=totals(timings),
        models=tuple(sorted(models, key=lambda each: each.model)),
    )
    assert expected == observed.report


def test_every_call_arrived_once_and_nothing_was_refused(place: Place, done: dict[str, Done]) -> None:
    calls = sum(len(program.calls) for program in done.values())
    health = place.server.health()
    assert (calls, health.spans, health.log_records) == (40, 40, 80)
    assert (health.refused_items, health.refused_requests, health.store_failure) == ({}, {}, None)
    assert health.metric_points > 0


def totals(timings: Mapping[Way, Timing]) -> Totals:
    """Over calls that all went well."""
    usages = [way.usage for way in timings]
    return Totals(
        calls=len(timings),
        errors=0,
        outcomes={"completed": len(timings)},
        error_categories={},
        first_token=percentiles([timing.first_token_ns for way, timing in timings.items() if way.streams]),
        duration=percentiles([timing.duration_ns for timing in timings.values()]),
        input_tokens=sum(usage.input_tokens or 0 for usage in usages),
        output_tokens=sum(usage.output_tokens or 0 for usage in usages),
        cache_read_tokens=sum(usage.cache_read_tokens or 0 for usage in usages),
        cache_write_tokens=sum(usage.cache_write_tokens or 0 for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens or 0 for usage in usages),
        calls_without_usage=0,
        cost={"USD": sum((way.cost().total for way in timings), Decimal(0))},
        unpriced_calls=0,
    )


def percentiles(marks_ns: list[int | None]) -> Percentiles:
    """By linear interpolation between the marks beside the percentile."""
    known = sorted(mark for mark in marks_ns if mark is not None)

    def at(share: float) -> float | None:
        if not known:
            return None
        place, part = divmod(share * (len(known) - 1), 1)
        after = known[min(int(place) + 1, len(known) - 1)]
        return pytest.approx((known[int(place)] * (1 - part) + after * part) / 1e9)  # type: ignore[no-any-return]

    return Percentiles(len(known), at(0.50), at(0.95))
