"""The environment, variable by variable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from firsttoken import Settings
from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Finding
from firsttoken.diagnosis.variables import variable_findings

CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


def findings(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """As in a process that has this environment and is not switched on."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return list(variable_findings(None, environ))


def test_an_environment_without_settings_has_no_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings({"PATH": "/bin", "OTELLO": "x"}, monkeypatch) == []


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("FIRSTTOKEN_INCLUDE_USAGE", "maybe", "FIRSTTOKEN_INCLUDE_USAGE='maybe' is not a yes or no"),
        ("FIRSTTOKEN_EXIT_TIMEOUT_S", "soon", "FIRSTTOKEN_EXIT_TIMEOUT_S='soon' is not a number of seconds"),
        ("FIRSTTOKEN_PROVIDERS", "x", "FIRSTTOKEN_PROVIDERS has 'x', which is not host=name"),
        ("FIRSTTOKEN_PRICES", "/none.toml", "FIRSTTOKEN_PRICES is ignored: "),
        ("FIRSTTOKEN_CONTENT_LIMIT_BYTES", "-1", "FIRSTTOKEN_CONTENT_LIMIT_BYTES='-1' is not a number of bytes"),
        (CONTENT, "true", f"{CONTENT}='true' is none of"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL='http/json' is not supported"),
        ("OTEL_LOGS_EXPORTER", "no-such", "The exporter 'no-such' for logs is not installed: set OTEL_LOGS_EXPORTER"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "secret", "OTEL_EXPORTER_OTLP_HEADERS has a part without '='"),
        ("OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b,c", "OTEL_EXPORTER_OTLP_LOGS_HEADERS has a part without '='"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s", "OTEL_EXPORTER_OTLP_TIMEOUT is not a number of seconds"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service", "OTEL_RESOURCE_ATTRIBUTES has a part without '='"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "many", "OTEL_BSP_MAX_QUEUE_SIZE is not a number"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m", "OTEL_METRIC_EXPORT_INTERVAL is not a number of milliseconds"),
        ("OTEL_TRACES_SAMPLER", "sometimes", "OTEL_TRACES_SAMPLER names no sampler that is installed"),
        ("OTEL_TRACES_SAMPLER_ARG", "10%", "OTEL_TRACES_SAMPLER_ARG is not a ratio from 0 to 1"),
    ],
)
def test_each_wrong_variable_is_a_problem_with_its_own_words(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (finding,) = findings({name: value}, monkeypatch)
    assert kinds.VARIABLE_WRONG.code == finding.code
    assert finding.what.startswith(complaint)
    assert "secret" not in finding.what + finding.advice


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIRSTTOKEN_INCLUDE_USAGE", ""),
        ("FIRSTTOKEN_STORE", "anything"),
        (CONTENT, "span_only"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=b, c=d,"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", " 2.5 "),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_TRACES_EXPORTER", "console, none"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.name=x,"),
    ],
)
def test_a_variable_that_can_be_understood_is_no_finding(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert findings({name: value}, monkeypatch) == []


def test_no_wrong_variable_hides_another(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"FIRSTTOKEN_HTTPX": "?", "FIRSTTOKEN_INCLUDE_USAGE": "?", CONTENT: "?", "OTEL_TRACES_SAMPLER": "?"}
    found = findings(environ, monkeypatch)
    assert sorted(environ) == sorted(finding.what.partition("=")[0].split()[0] for finding in found)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("FIRSTTOKEN_PRIZES", "Perhaps FIRSTTOKEN_PRICES was meant."),
        ("FIRSTTOKEN_TOTALLY_NEW", "Unset it, or look for its name in the README."),
        ("FIRSTTOKEN_", "Unset it, or look for its name in the README."),
    ],
)
def test_a_variable_of_ours_that_nobody_reads_is_told(name: str, advice: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = findings({name: "x"}, monkeypatch)
    assert (kinds.VARIABLE_UNKNOWN.code, advice) == (finding.code, finding.advice)


def redacted(text: str) -> str:
    return text


def test_the_options_in_force_are_named_with_their_values() -> None:
    settings = Settings(include_usage=True, prices=Path("p.toml"), capture_content="SPAN_AND_EVENT", redact=redacted)
    in_force, content = variable_findings(settings, {})
    assert "include_usage=True, prices=p.toml, capture_content=SPAN_AND_EVENT, redact=redacted" in in_force.what
    assert content.what == "Prompts and answers are recorded on spans and log events."
    assert "as your redact function leaves them" in content.advice


def test_every_option_has_a_variable_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new option whose variable has another name would be called unknown here."""
    for name in ("LOCAL_ENDPOINT", "HTTPX", "CONVENTIONS", "CONTENT_LIMIT_BYTES"):
        assert findings({f"FIRSTTOKEN_{name}": ""}, monkeypatch) == []


@pytest.mark.parametrize("level", ["metadata", "full"])
@pytest.mark.parametrize("where", ["span_events", "off"])
def test_content_for_provider_traces_that_no_log_record_carries_is_told(level: Any, where: Any) -> None:
    _, content = variable_findings(Settings(trace_content=level, provider_traces=where), {})
    assert (content.code, content.what) == (
        kinds.TRACE_CONTENT_NOWHERE.code,
        f"trace_content={level} has no effect, for provider_traces={where} sends no log records.",
    )


@pytest.mark.parametrize("where", ["logs", "both"])
def test_content_for_provider_traces_in_log_records_is_told_as_captured(where: Any) -> None:
    _, content = variable_findings(Settings(trace_content="full", provider_traces=where), {})
    assert content.what == "Prompts and answers are recorded on provider traces."
