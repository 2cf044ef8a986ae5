"""What a process says about itself."""

from __future__ import annotations

import importlib.metadata
import json
import os
from typing import Any

import anthropic
import openai
import pytest
from openai.resources.chat.completions import Completions
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from patience import PATIENCE_S
from pydantic import TypeAdapter

import firsttoken
from firsttoken import guard, instrumentation
from firsttoken.diagnosis import Diagnosis, Finding, Level, diagnose, kinds
from firsttoken.export.telemetry import GivenProviders
from firsttoken.instrumentation import PATCHES
from firsttoken.losses import Loss, losses
from firsttoken.observe import novelties
from firsttoken.observe.patch import definers
from firsttoken.testing import CapturedTelemetry, ProviderServer

from .conftest import Author
from .servers import closed_port, http_server

ALL = TypeAdapter(Diagnosis)
HAS_SPANS = hasattr(anthropic._base_client, "start_api_call_span")


def found(*, ask: bool = False) -> dict[str, Finding]:
    """By code; the last of several."""
    return {finding.code: finding for finding in diagnose(ask_endpoints=ask).findings}


def all_of(kind: kinds.Kind, *, ask: bool = False) -> list[Finding]:
    return [finding for finding in diagnose(ask_endpoints=ask).findings if finding.code == kind.code]


@pytest.fixture
def observed(telemetry: CapturedTelemetry) -> CapturedTelemetry:
    firsttoken.instrument(
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    return telemetry


def test_it_is_public_and_survives_a_trip_through_json() -> None:
    diagnosis = firsttoken.diagnose(ask_endpoints=False)
    assert diagnosis == ALL.validate_json(diagnosis.to_json())
    assert diagnosis.to_json().isascii()
    assert (os.getpid(), True) == (diagnosis.pid, diagnosis.uses_an_sdk)


def test_a_process_in_which_nobody_switched_it_on_says_so() -> None:
    assert [f"{sdk} {importlib.metadata.version(sdk)} is not observed." for sdk in ("openai", "anthropic")] == [
        finding.what for finding in all_of(kinds.SDK_UNOBSERVED)
    ]


def test_a_process_in_which_adapters_alone_are_observed_says_so(telemetry: CapturedTelemetry) -> None:
    instrumentation.observe_adapters(GivenProviders(telemetry.tracer_provider))
    assert [finding.facts["sdk"] for finding in all_of(kinds.SDK_ADAPTED)] == ["openai", "anthropic"]
    firsttoken.instrument(
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    assert (len([*all_of(kinds.SDK_ADAPTED)]), len([*all_of(kinds.SDK_OBSERVED)])) == (0, 2)


def test_an_sdk_that_is_kept_out_says_by_which_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "flask, firsttoken-openai")
    (finding,) = all_of(kinds.SDK_SWITCHED_OFF)
    assert {"firsttoken-openai", "openai"} <= set(finding.facts.values())


def test_what_is_observed_is_said_and_nothing_is_wrong(observed: CapturedTelemetry) -> None:
    diagnosis = diagnose(ask_endpoints=False)
    assert {"openai", "anthropic"} == {finding.facts["sdk"] for finding in all_of(kinds.SDK_OBSERVED)}
    assert not diagnosis.problems
    assert Level.WARNING not in {finding.level for finding in diagnosis.findings}


def test_looking_changes_nothing(observed: CapturedTelemetry) -> None:
    before = [vars(owner)[name] for patch in PATCHES.values() for owner, name, _ in patch.places]
    environment = dict(os.environ)
    first, second = (diagnose(ask_endpoints=False) for _ in range(2))
    assert first == second
    assert environment == dict(os.environ)
    assert before == [vars(owner)[name] for patch in PATCHES.values() for owner, name, _ in patch.places]
    assert (observed.spans, observed.points, observed.logs) == ([], [], [])


@pytest.mark.parametrize(
    ("module", "who"),
    [
        ("opentelemetry.instrumentation.openai.utils", "OpenLLMetry"),
        ("opentelemetry.instrumentation.openai_v2.patch", "OpenTelemetry's own GenAI instrumentation"),
        ("opentelemetry.instrumentation.genai.openai", "OpenTelemetry's own GenAI instrumentation"),
        ("openinference.instrumentation.openai._request", "OpenInference"),
        ("logfire._internal.integrations.llm_providers.llm_provider", "Logfire"),
        ("langfuse.openai", "Langfuse"),
        ("openlit.instrumentation.openai.openai", "OpenLIT"),
        ("mlflow.utils.autologging_utils.safety", "MLflow"),
        ("ddtrace.contrib.internal.openai.patch", "Datadog"),
    ],
)
def test_another_tracer_is_named_with_what_it_doubles_and_how_to_stop_it(
    module: str, who: str, author: Author, observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Completions, "create", author(module)["through_wrapt"](Completions.create))
    (finding,) = all_of(kinds.OTHER_TRACER)
    assert (Level.WARNING, f"{who} traces openai as well: Completions.create wrapped by {module}.") == (
        finding.level,
        finding.what,
    )
    assert "openai" in finding.facts["remedy"].lower()


def test_another_tracer_alone_doubles_nothing(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Completions, "create", author("langfuse.openai")["through_wrapt"](Completions.create))
    (finding,) = all_of(kinds.OTHER_TRACER_ALONE)
    assert finding.level is Level.NOTE
    assert not all_of(kinds.OTHER_TRACER)


def test_a_wrapper_of_the_applications_own_is_a_note(
    author: Author, observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Completions, "create", author("shop.billing")["through_functools"](Completions.create))
    (finding,) = all_of(kinds.OTHER_WRAPPER)
    assert (finding.level, finding.what) == (Level.NOTE, "shop.billing has wrapped Completions.create of openai.")


FRAMEWORK = """
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

class LangChainInstrumentor(BaseInstrumentor):
    def instrumentation_dependencies(self):
        return ()

    def _uninstrument(self, **kwargs):
        pass
"""


def test_a_framework_above_the_sdk_that_is_traced_as_well_is_a_note(observed: CapturedTelemetry) -> None:
    names: dict[str, Any] = {"__name__": "openinference.instrumentation.langchain"}
    exec(FRAMEWORK, names)  # noqa: S102  its module's name is what it is known by
    theirs = names["LangChainInstrumentor"]()
    assert not all_of(kinds.FRAMEWORK_TRACED)
    theirs.instrument()
    (finding,) = all_of(kinds.FRAMEWORK_TRACED)
    assert finding.what == "langchain is traced as well, by openinference.instrumentation.langchain."
    theirs.uninstrument()


def test_a_receiver_that_takes_one_signal_alone_is_told_for_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(200, path="/v1/traces") as (port, _):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        seen = found(ask=True)
    assert f"Spans go to http://127.0.0.1:{port}/v1/traces by HTTP, which answers." == seen["endpoint-answers"].what
    assert seen["endpoint-not-found"].what.startswith(f"Metrics and log events go to http://127.0.0.1:{port} by HTTP")
    assert "OTEL_METRICS_EXPORTER=none" in seen["endpoint-not-found"].advice


@pytest.mark.parametrize(
    ("owner", "way"),
    [(openai._base_client.SyncAPIClient, "instead_of"), (openai.OpenAI, "through_wrapt")],
    ids=["base", "below"],
)
def test_a_seam_that_somebody_took_from_us_is_a_problem(
    owner: type, way: str, author: Author, observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = vars(openai._base_client.SyncAPIClient)["request"].__wrapped__
    monkeypatch.setattr(owner, "request", author("vendor.late")[way](original), raising=False)
    (finding,) = all_of(kinds.SEAM_LOST)
    assert finding.facts == {"who": "vendor.late", "place": f"{owner.__name__}.request"}
    monkeypatch.undo()


def test_a_class_of_the_applications_own_that_calls_ours_takes_nothing(observed: CapturedTelemetry) -> None:
    class Client(openai.OpenAI):
        def request(self, *args: Any, **kwargs: Any) -> Any:
            return super().request(*args, **kwargs)

    assert Client in definers(openai.OpenAI, "request")
    assert not all_of(kinds.SEAM_LOST)


def test_an_sdk_that_is_too_old_is_a_problem(observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.2.3" if name == "openai" else real(name))
    (finding,) = all_of(kinds.SDK_TOO_OLD)
    assert finding.what == "openai 1.2.3 is older than 1.60, so it is not observed."


def test_an_sdk_newer_than_any_that_was_tested_is_a_note(
    observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "99.0" if name == "openai" else real(name))
    (finding,) = all_of(kinds.SDK_UNTESTED)
    assert "openai 99.0 is outside " in finding.what


@pytest.mark.parametrize(
    ("word", "code"),
    [("", "native-replaced"), ("true", "native-kept"), ("false", None)],
)
def test_which_of_anthropics_spans_stay_is_said(
    word: str, code: str | None, observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY", word)
    shown = {"native-replaced", "native-kept"} & found().keys()
    assert shown == ({code} if HAS_SPANS and code is not None else set())


def test_the_calls_that_went_through_are_counted(observed: CapturedTelemetry) -> None:
    with ProviderServer() as server, openai.OpenAI(api_key="k", base_url=server.openai_base_url) as client:
        ask: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
        client.chat.completions.create(**ask)
        stream = client.chat.completions.create(stream=True, **ask)
        assert firsttoken.flush(PATIENCE_S)
        assert (
            found()["calls-observed"].what,
            found()["calls-open"].what,
        ) == ("1 call went through firsttoken in this process.", "1 call had not ended.")
        stream.close()


def test_what_was_dropped_failed_or_not_understood_is_told_with_its_number(
    observed: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(losses, Loss("calls", "queue_full"), 1200)
    monkeypatch.setitem(losses, Loss("spans", "queue_full"), 7)
    monkeypatch.setitem(losses, Loss("logs", "too_large"), 1)
    monkeypatch.setitem(losses, Loss("metrics", "export_failed"), 2)
    monkeypatch.setitem(losses, Loss("contents", "export_failed"), 1)
    monkeypatch.setitem(losses, Loss("contents", "queue_full"), 3)
    monkeypatch.setitem(guard.troubles, "see an answer", 2)
    monkeypatch.setitem(novelties.seen, "openai.responses: event ping2", 3)
    seen = found()
    assert (
        seen["calls-dropped"].level,
        seen["calls-dropped"].what,
    ) == (Level.PROBLEM, "1,200 calls went unrecorded, because more waited than the queue holds.")
    assert [seen[code].what.split(" ", 3)[:3] for code in ("records-dropped", "records-too-large")] == [
        ["7", "spans", "gave"],
        ["1", "log", "event"],
    ]
    assert seen["records-undelivered"].what == "2 metrics exports could not be delivered: the exporter gave up."
    assert (seen["texts-unwritten"].what, seen["texts-dropped"].what) == (
        "1 cut text could not be written to the content store.",
        "3 cut texts did not come into the content store, because more waited than is held for it.",
    )
    assert seen["trouble"].what == "firsttoken could not see an answer, 2 times."
    assert "openai.responses: event ping2 (3 calls)" in seen["novelties"].what
    assert "nothing-lost" not in seen


@pytest.mark.parametrize(
    ("sampler", "code", "level"),
    [
        (ALWAYS_OFF, "sampled-out", Level.PROBLEM),
        (ParentBased(ALWAYS_OFF), "sampled-out", Level.PROBLEM),
        (TraceIdRatioBased(0.1), "sampled", Level.NOTE),
    ],
    ids=["off", "parent-off", "ratio"],
)
def test_a_sampler_that_keeps_spans_back_is_told(sampler: Any, code: str, level: Level) -> None:
    provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
    firsttoken.instrument(tracer_provider=provider)
    assert level is found()[code].level


def test_a_switch_that_keeps_everything_back_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "True")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    seen = found()
    assert seen["telemetry-switched-off"].what == "OTEL_SDK_DISABLED=true keeps spans, metrics and log events back."
    assert seen["sampled-out"].what == "No span is kept: the sampler is always_off."


def test_a_provider_without_an_exporter_is_told() -> None:
    firsttoken.instrument(tracer_provider=TracerProvider(shutdown_on_exit=False))
    assert "Spans end in the application's own provider, made by opentelemetry.sdk, which" in (
        found()["provider-empty"].what
    )


def test_an_exporter_without_an_endpoint_is_named() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(InMemorySpanExporter()))
    firsttoken.instrument(tracer_provider=provider)
    assert "Spans go to InMemorySpanExporter." in [one.what for one in all_of(kinds.EXPORTED_ELSEWHERE)]


def test_endpoints_that_answer_alike_are_told_together_and_asked_once_where_nobody_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    firsttoken.instrument()
    (finding,) = all_of(kinds.ENDPOINT_REFUSED, ask=True)
    assert f"Spans, metrics and log events go to {endpoint} by HTTP, where nobody listens." == finding.what
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in finding.advice


def test_a_key_that_is_not_taken_is_a_problem_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(401) as (port, heard):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://me:hunter2@127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=verysecret")
        firsttoken.instrument()
        diagnosis = diagnose()
    (finding,) = [one for one in diagnosis.findings if one.code == kinds.ENDPOINT_UNAUTHORIZED.code]
    assert "what is sent has x-key, whose value may be wrong" in finding.advice
    assert heard[0]["x-key"] == "verysecret"
    assert not {"verysecret", "hunter2"} & {word for word in ("verysecret", "hunter2") if word in diagnosis.to_json()}


def test_nobody_is_asked_where_that_was_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_server(200) as (port, heard):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        assert f"Spans, metrics and log events go to http://127.0.0.1:{port} by HTTP, which was not asked." == (
            found()["endpoint-unasked"].what
        )
    assert heard == []


def test_the_local_copy_is_told_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTTOKEN_LOCAL_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "none")
    firsttoken.instrument()
    assert "Spans and log events go to http://127.0.0.1:9 by HTTP, which was not asked." in [
        one.what for one in all_of(kinds.ENDPOINT_UNASKED)
    ]
    assert found()["not-exported"].what == "Spans are not exported: OTEL_TRACES_EXPORTER=none."


def test_a_step_that_fails_costs_its_own_findings_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is installed or set may be broken in a way that nobody has thought of."""

    def broken(**_: object) -> None:
        raise ValueError("no such thing\nat all")

    monkeypatch.setattr(importlib.metadata, "entry_points", broken)
    codes = found()
    assert "The diagnosis could not look at the SDKs: ValueError: no such thing." in [
        one.what for one in all_of(kinds.STEP_FAILED)
    ]
    assert {"nothing-lost", "endpoint-unasked"} <= codes.keys()


def test_garbage_in_the_environment_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENDPOINT", "HEADERS", "TIMEOUT", "CERTIFICATE", "INSECURE", "TRACES_ENDPOINT"):
        monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{name}", "http://[%zz\x7f,=é")
    for name in ("OTEL_TRACES_SAMPLER", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_BSP_MAX_QUEUE_SIZE", "FIRSTTOKEN_HTTPX"):
        monkeypatch.setenv(name, "\x1b[31mé")
    diagnosis = diagnose()
    assert diagnosis.to_json().isascii()
    assert not [finding for finding in diagnosis.findings if finding.code == kinds.STEP_FAILED.code]


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in kinds.KINDS]
    assert len(codes) == len(set(codes))
    assert len(codes) > 50
    assert json.dumps(codes)
