import os
from pathlib import Path

import pytest
from opentelemetry.sdk.resources import OTELResourceDetector

from firsttoken.cli.environment import Observation, observed_environment, program_name

PYTHONS = Path("/run/pythons")
OBSERVATION = Observation(run_id="r1", local_endpoint="http://127.0.0.1:9", pythons=PYTHONS)
WORDS = ("python", "app.py")


def changes(environ: dict[str, str], observation: Observation = OBSERVATION) -> dict[str, str]:
    """What was added or changed, without the path of our own directory."""
    after = observed_environment(environ, WORDS, observation)
    assert environ.keys() <= after.keys()
    after["PYTHONPATH"] = os.pathsep.join(["<ours>", *after["PYTHONPATH"].split(os.pathsep)[1:]])
    return {name: value for name, value in after.items() if environ.get(name) != value}


def attributes(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """The resource as the child's OpenTelemetry SDK reads it."""
    for name in ("OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in observed_environment(environ, WORDS, OBSERVATION).items():
        monkeypatch.setenv(name, value)
    return dict(OTELResourceDetector().detect().attributes)


def test_an_environment_without_settings_gets_what_a_run_needs_and_no_more() -> None:
    assert changes({"PATH": "/bin"}) == {
        "PYTHONPATH": "<ours>",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=app,firsttoken.run.id=r1",
        "OTEL_TRACES_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        "FIRSTTOKEN_LOCAL_ENDPOINT": "http://127.0.0.1:9",
        "FIRSTTOKEN_RUN_PYTHONS": "/run/pythons",
        "FIRSTTOKEN_EXIT_TIMEOUT_S": "10",
        "FIRSTTOKEN_LIVE": "true",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "httpx,httpx2",
    }


def test_the_users_exit_timeout_stays() -> None:
    assert "FIRSTTOKEN_EXIT_TIMEOUT_S" not in changes({"FIRSTTOKEN_EXIT_TIMEOUT_S": "0.5"})


def test_a_configured_endpoint_keeps_all_exporters() -> None:
    assert not {
        name for name in changes({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4317"}) if name.endswith("_EXPORTER")
    }


def test_a_configuration_file_keeps_all_exporters() -> None:
    assert not {name for name in changes({"OTEL_CONFIG_FILE": "otel.yaml"}) if name.endswith("_EXPORTER")}


def test_an_endpoint_for_one_signal_keeps_the_exporter_of_that_signal() -> None:
    after = changes({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4317"})
    assert {"OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"} == {name for name in after if name.endswith("_EXPORTER")}


def test_an_exporter_that_the_user_chose_is_kept() -> None:
    assert "OTEL_TRACES_EXPORTER" not in changes({"OTEL_TRACES_EXPORTER": "console"})


def test_what_is_asked_for_on_the_command_line_reaches_the_program() -> None:
    asked = Observation("r1", "http://127.0.0.1:9", PYTHONS, include_usage=True, httpx=True)
    after = changes({"FIRSTTOKEN_INCLUDE_USAGE": "false"}, asked)
    assert (after["FIRSTTOKEN_INCLUDE_USAGE"], after["FIRSTTOKEN_HTTPX"]) == ("true", "true")


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "<ours>"), ("lib", "<ours>:lib"), (":lib", "<ours>::lib")],
)
def test_the_users_python_path_follows_ours_and_the_working_directory_is_not_added(before: str, after: str) -> None:
    assert after == changes({"PYTHONPATH": before})["PYTHONPATH"]


def test_a_run_in_a_run_does_not_instrument_twice() -> None:
    outer = observed_environment({}, WORDS, OBSERVATION)
    assert outer == observed_environment(outer, WORDS, OBSERVATION)


def test_a_run_in_a_run_has_its_own_id() -> None:
    outer = observed_environment({"OTEL_SERVICE_NAME": "s"}, WORDS, OBSERVATION)
    inner = Observation("r2", "http://127.0.0.1:9", PYTHONS)
    assert observed_environment(outer, WORDS, inner)["OTEL_RESOURCE_ATTRIBUTES"] == "firsttoken.run.id=r2"


def test_the_users_resource_attributes_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"OTEL_RESOURCE_ATTRIBUTES": "team=a%2Cb, service.name = mine ,"}
    assert attributes(before, monkeypatch) == {"team": "a,b", "service.name": "mine", "firsttoken.run.id": "r1"}


def test_the_users_service_name_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert attributes({"OTEL_SERVICE_NAME": "mine"}, monkeypatch) == {"service.name": "mine", "firsttoken.run.id": "r1"}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python app.py", "app"),
        ("/usr/bin/python3.12 -u -X dev src/my,app=1.py --flag", "my,app=1"),
        ("python -m pkg.server --port 1", "pkg.server"),
        ("python -c pass", "python"),
        ("python -", "python"),
        ("python", "python"),
        ("python -X", "python"),
        ("uv run python app.py", "app"),
        ("/opt/bin/chatbot --fast", "chatbot"),
        ("pypy3 x.py", "x"),
    ],
)
def test_a_program_is_named_as_a_person_would_name_it(command: str, name: str) -> None:
    assert name == program_name(command.split())


def test_a_strange_program_name_survives_the_resource_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.WORDS", ("python", "a,b=c d%41é.py"))
    assert attributes({}, monkeypatch)["service.name"] == "a,b=c d%41é"
