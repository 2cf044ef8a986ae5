"""`firsttoken doctor` as a person runs it: on a fresh Python and on a program, in good order and in bad."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from diagnosis.servers import closed_port, http_server

from firsttoken.cli import LOCAL_EXTRA
from firsttoken.cli.findings import Consultation, print_consultation
from firsttoken.diagnosis import kinds
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store
from firsttoken.testing import ProviderServer

from .conftest import FIRSTTOKEN, Cli

VENDOR = """
import wrapt
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

def observe(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs)

class OpenAIInstrumentor(BaseInstrumentor):
    def instrumentation_dependencies(self):
        return ("openai",)

    def _instrument(self, **kwargs):
        wrapt.wrap_function_wrapper("openai.resources.chat.completions", "Completions.create", observe)

    def _uninstrument(self, **kwargs):
        pass
"""
METADATA = """\
Metadata-Version: 2.1
Name: openinference-instrumentation-openai
Version: 9.9
Provides-Extra: instruments
Requires-Dist: openai >= 1.0; extra == 'instruments'
"""
CALLS = """
import openai, sys
message = [{"role": "user", "content": "hi"}]
client = openai.OpenAI(api_key="sk-verysecret")
for _ in client.chat.completions.create(model="gpt-4o-mini", messages=message, stream=True):
    pass
print("out")
sys.exit(3)
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], provider: ProviderServer) -> dict[str, str]:
    nowhere = f"http://127.0.0.1:{closed_port()}"
    return {
        **environ,
        "OPENAI_BASE_URL": provider.openai_base_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": nowhere,
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
        "FIRSTTOKEN_EXIT_TIMEOUT_S": "1",
    }


@pytest.fixture(scope="module")
def receiver() -> Iterator[Server]:
    with Store.open(None) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=0)) as server:
        yield server


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A folder with an instrumentation of somebody else, installed as packages are."""
    package = tmp_path / "site" / "openinference" / "instrumentation" / "openai"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(VENDOR)
    described = tmp_path / "site" / "openinference_instrumentation_openai-9.9.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(METADATA)
    entry = "openai = openinference.instrumentation.openai:OpenAIInstrumentor"
    (described / "entry_points.txt").write_text(f"[opentelemetry_instrumentor]\n{entry}\n")
    return tmp_path / "site"


def asked(server: Server, *, path: str = "") -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"{server.ports.http_endpoint}{path}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }


def page_port(server: Server) -> str:
    return str(server.ports.page_url).rpartition(":")[2].strip("/")


def findings(document: str, *, local: bool = False) -> dict[str, dict[str, Any]]:
    """Of the only process, by code; the last of several."""
    read = json.loads(document)
    found = read["findings"] if local else read["processes"][0]["findings"]
    return {finding["code"]: finding for finding in found}


def test_where_all_is_well_there_is_no_problem(cli: Cli, receiver: Server) -> None:
    done = cli("doctor", "--page-port", page_port(receiver), env=asked(receiver))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("A fresh Python 3.")
    assert lines[-1] == "No problems."
    observed = r"^  ok       openai [\d.]+ is observed, at \w+\.request, .*\.\n           Each of its calls"
    assert re.search(observed, done.stdout, re.MULTILINE)
    endpoint = f"Spans, metrics and log events go to {receiver.ports.http_endpoint} by HTTP, which answers."
    assert f"  ok       {endpoint}" in lines
    assert f"firsttoken serve {'0.1.0'} runs (process {os.getpid()})" in done.stdout
    assert "No call went through" not in done.stdout


def test_it_sends_nothing_that_a_receiver_would_keep(cli: Cli, receiver: Server) -> None:
    before = receiver.health()
    cli("doctor", "--page-port", page_port(receiver), env=asked(receiver))
    assert before == receiver.health()


def test_a_problem_is_told_and_makes_the_exit_code_1(cli: Cli, environ: dict[str, str]) -> None:
    done = cli("doctor", "--page-port", closed_port())
    assert (done.returncode, done.stderr) == (1, "")
    endpoint = environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert (
        f"  problem  Spans, metrics and log events go to {endpoint} by gRPC, where nobody listens.\n"
        "           All of it is lost. Start the collector, or correct the host and port in "
        "OTEL_EXPORTER_OTLP_ENDPOINT.\n"
    ) in done.stdout
    assert done.stdout.endswith("\n1 problem.\n")


def test_where_nothing_is_configured_an_absent_default_is_no_problem(cli: Cli) -> None:
    unset = {"OTEL_EXPORTER_OTLP_ENDPOINT": "", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    found = findings(cli("doctor", "--json", "--page-port", closed_port(), env=unset).stdout)
    assert {"endpoint-unconfigured", "endpoint-answers"} & found.keys()  # something may listen on 4317 here


def test_json_is_one_line_of_what_the_list_says(cli: Cli) -> None:
    done = cli("doctor", "--json", "--page-port", closed_port())
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    document = json.loads(done.stdout)
    assert list(document) == ["firsttoken", "problems", "warnings", "processes", "findings"]
    (process,) = document["processes"]
    assert list(process) == ["version", "python", "executable", "pid", "program", "uses_an_sdk", "findings"]
    assert list(process["findings"][0]) == ["code", "level", "topic", "what", "advice", "facts"]
    assert (1, sys.executable) == (document["problems"], process["executable"])
    assert {"server-absent", "store-absent"} == findings(done.stdout, local=True).keys()


def test_a_program_runs_as_it_is_and_is_looked_at_when_it_ends(cli: Cli, receiver: Server) -> None:
    environ = {**asked(receiver), "FIRSTTOKEN_EXIT_TIMEOUT_S": "30"}
    before = receiver.health().spans
    command = ("doctor", "--page-port", page_port(receiver), "--", sys.executable, "-W", "ignore", "-c", CALLS)
    done = cli(*command, env=environ)
    assert (done.returncode, done.stdout) == (0, "out\n")
    assert "  note     python ended with exit code 3.\n" in done.stderr
    assert "  ok       1 call went through firsttoken in this process.\n" in done.stderr
    assert done.stderr.endswith("\nNo problems.\n")
    assert before + 1 == receiver.health().spans
    assert "verysecret" not in done.stderr


def test_what_a_program_could_not_deliver_is_in_its_diagnosis(cli: Cli) -> None:
    done = cli("doctor", "--json", "--page-port", closed_port(), "--", sys.executable, "-W", "ignore", "-c", CALLS)
    found = findings(done.stderr.splitlines()[-1])
    assert (done.returncode, found["endpoint-refused"]["level"]) == (1, "problem")
    assert "opentelemetry.exporter.otlp.proto.grpc" in found["complaint"]["what"]


def test_another_instrumentation_is_told_with_what_it_doubles(cli: Cli, vendor: Path) -> None:
    done = cli("doctor", "--json", "--page-port", closed_port(), env={"PYTHONPATH": str(vendor)})
    finding = findings(done.stdout)["other-tracer"]
    assert finding["level"] == "warning"
    assert finding["what"] == (
        "OpenInference traces openai as well: Completions.create wrapped by openinference.instrumentation.openai."
    )
    assert "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=openai" in finding["advice"]


def test_the_advice_against_another_instrumentation_helps(cli: Cli, vendor: Path) -> None:
    environ = {"PYTHONPATH": str(vendor), "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "openai"}
    found = findings(cli("doctor", "--json", "--page-port", closed_port(), env=environ).stdout)
    assert not {"other-tracer", "instrumentor-idle"} & found.keys()
    assert found["sdk-observed"]["facts"]["sdk"] in ("openai", "anthropic")


def test_an_instrumentation_that_is_installed_and_idle_is_a_note(cli: Cli, vendor: Path) -> None:
    (vendor / "openinference" / "instrumentation" / "openai" / "__init__.py").write_text("import no_such_module")
    found = findings(cli("doctor", "--json", "--page-port", closed_port(), env={"PYTHONPATH": str(vendor)}).stdout)
    assert "openinference-instrumentation-openai 9.9 is installed for openai" in found["instrumentor-idle"]["what"]


@pytest.mark.parametrize("sdks", [("openai",), ("openai", "anthropic")], ids=["one", "both"])
def test_an_sdk_that_cannot_be_imported_is_told(cli: Cli, tmp_path: Path, sdks: tuple[str, ...]) -> None:
    for sdk in sdks:
        (tmp_path / sdk).mkdir()
        (tmp_path / sdk / "__init__.py").write_text("raise ImportError('half installed')")
    done = cli("doctor", "--json", "--page-port", closed_port(), env={"PYTHONPATH": str(tmp_path)})
    read = json.loads(done.stdout)["processes"][0]["findings"]
    broken = [finding for finding in read if finding["code"] == "sdk-broken"]
    assert list(sdks) == [finding["facts"]["sdk"] for finding in broken]
    assert {"ImportError: half installed"} == {finding["facts"]["reason"] for finding in broken}


def test_a_python_without_sdks_is_told_so(cli: Cli, tmp_path: Path) -> None:
    hidden = """
    import importlib.metadata as metadata, sys
    real = metadata.version
    def version(name):
        if name in ("openai", "anthropic"):
            raise metadata.PackageNotFoundError(name)
        return real(name)
    metadata.version = version
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(hidden))
    done = cli("doctor", "--page-port", closed_port(), env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert "  problem  Neither openai nor anthropic is installed for this Python.\n" in done.stdout


def test_every_wrong_variable_is_a_finding_and_none_keeps_the_doctor_away(cli: Cli) -> None:
    environ = {
        "FIRSTTOKEN_INCLUDE_USAGE": "maybe",
        "FIRSTTOKEN_HTTPX": "\x1b[31m\udcff",
        "FIRSTTOKEN_PRIZES": "x",
        "OTEL_TRACES_SAMPLER": "sometimes",
        "OTEL_EXPORTER_OTLP_HEADERS": "verysecret",
        "OTEL_METRICS_EXPORTER": "no-such",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://[",
    }
    done = cli("doctor", "--page-port", closed_port(), env=environ)
    assert done.returncode == 1
    for name in environ.keys() - {"OTEL_EXPORTER_OTLP_ENDPOINT"}:
        assert re.search(rf"^  (problem|warning)  .*{name}", done.stdout, re.MULTILINE), name
    assert "\x1b" not in done.stdout
    assert "verysecret" not in done.stdout
    assert "The diagnosis could not" not in done.stdout


def test_nothing_of_a_secret_is_shown(cli: Cli) -> None:
    with http_server(401) as (port, _):
        environ = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://me:hunter22@127.0.0.1:{port}/?key=verysecret",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20verysecret",
        }
        outputs = [
            cli("doctor", *json_option, "--page-port", closed_port(), env=environ) for json_option in ((), ("--json",))
        ]
    for done in outputs:
        assert "HTTP 401" in done.stdout
        assert not [word for word in ("verysecret", "hunter22") if word in done.stdout + done.stderr]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os._exit(0)", "it left by os._exit"),
        ("import os; os.kill(os.getpid(), 9)", "it was ended by signal 9"),
    ],
)
def test_a_program_that_cannot_say_how_it_stood_is_a_problem(cli: Cli, code: str, reason: str) -> None:
    done = cli("doctor", "--page-port", closed_port(), "--", sys.executable, "-c", code)
    assert done.returncode == 1
    assert f"No Python process of python said how it stood: {reason}, before anything could be asked." in done.stderr


def test_a_command_that_is_no_python_is_a_problem(cli: Cli) -> None:
    done = cli("doctor", "--page-port", closed_port(), "--", "echo", "out")
    assert (done.returncode, done.stdout) == (1, "out\n")
    assert "No Python process of echo said how it stood: no Python that can be observed was started" in done.stderr


def test_a_command_that_does_not_exist_is_one_line(cli: Cli) -> None:
    done = cli("doctor", "--", "no-such-command")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr.startswith("firsttoken: no command 'no-such-command' was found")


def test_processes_without_an_sdk_are_counted_and_left_out(cli: Cli) -> None:
    code = "import openai, subprocess, sys; [subprocess.run([sys.executable, '-c', 'pass']) for _ in range(2)]"
    done = cli("doctor", "--json", "--page-port", closed_port(), "--", sys.executable, "-W", "ignore", "-c", code)
    document = json.loads(done.stderr.splitlines()[-1])
    (process,) = document["processes"]
    assert process["uses_an_sdk"]
    assert "2 other Python processes below it imported neither openai nor anthropic." in [
        finding["what"] for finding in document["findings"]
    ]


def test_a_forked_process_is_looked_at_too_and_leaves_the_asking_to_its_parent(cli: Cli) -> None:
    code = "import openai, os; child = os.fork(); child and os.waitpid(child, 0)"
    done = cli("doctor", "--json", "--page-port", closed_port(), "--", sys.executable, "-W", "ignore", "-c", code)
    parent, child = json.loads(done.stderr.splitlines()[-1])["processes"]
    endpoints = [
        [finding["code"] for finding in process["findings"] if finding["code"].startswith("endpoint-")]
        for process in (parent, child)
    ]
    assert sorted(endpoints) == [["endpoint-refused"], ["endpoint-unasked"]]
    assert (parent["program"], child["program"]) == ("python", "python")


def test_an_interrupted_program_is_looked_at_all_the_same(environ: dict[str, str]) -> None:
    code = (
        "import openai, signal, sys; signal.signal(15, lambda *_: sys.exit(4)); print('up', flush=True); signal.pause()"
    )
    command = [
        FIRSTTOKEN,
        "doctor",
        "--page-port",
        str(closed_port()),
        "--",
        sys.executable,
        "-W",
        "ignore",
        "-c",
        code,
    ]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as doctor:
        assert doctor.stdout is not None
        assert doctor.stdout.readline() == "up\n"
        doctor.send_signal(signal.SIGTERM)
        _, told = doctor.communicate(timeout=60)
    assert "python ended with exit code 4." in told
    assert "openai" in told


def test_nothing_is_left_behind(cli: Cli, tmp_path: Path, store_path: Path) -> None:
    cli("doctor", "--page-port", closed_port())
    assert list(tmp_path.glob("firsttoken-doctor-*")) == []
    assert not store_path.parent.exists()


def test_a_store_that_no_server_has_open_is_looked_at(cli: Cli, store_path: Path) -> None:
    Store.open(store_path).close()
    found = findings(cli("doctor", "--json", "--page-port", closed_port()).stdout, local=True)
    assert f"The store {store_path} is sound and holds 0 calls." == found["store-reads"]["what"]


def test_a_store_of_an_older_firsttoken_is_no_problem(cli: Cli, store_path: Path) -> None:
    Store.open(store_path).close()
    with duckdb.connect(store_path) as connection:
        connection.execute("DELETE FROM firsttoken_schema WHERE version > 1")
    found = findings(cli("doctor", "--json", "--page-port", closed_port()).stdout, local=True)
    assert (found["store-older"]["level"], "store-broken" in found) == ("note", False)


def test_a_damaged_store_is_a_problem(cli: Cli, store_path: Path) -> None:
    store_path.parent.mkdir(parents=True)
    store_path.write_text("hello")
    done = cli("doctor", "--json", "--page-port", closed_port())
    assert "is not a firsttoken store" in findings(done.stdout, local=True)["store-broken"]["what"]
    assert store_path.read_text() == "hello"


def test_another_program_on_the_page_port_is_a_note(cli: Cli) -> None:
    with http_server(200) as (port, _):
        found = findings(cli("doctor", "--json", "--page-port", port).stdout, local=True)
    assert f"What listens on port {port} is not this firsttoken" in found["server-foreign"]["what"]


def test_what_a_running_server_refused_is_told(cli: Cli, environ: dict[str, str]) -> None:
    import http.client

    with Store.open(None) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=0)) as server:
        connection = http.client.HTTPConnection(server.ports.http_endpoint.removeprefix("http://"))
        connection.request("POST", "/v1/traces", b"\xff\xff", {"content-type": "application/x-protobuf"})
        assert connection.getresponse().status == 400
        connection.close()
        found = findings(cli("doctor", "--json", "--page-port", page_port(server)).stdout, local=True)
    assert found["server-refused"]["what"] == "The running server refused 1 request: malformed."


SAMPLE = (
    kinds.SDK_OBSERVED.found(sdk="openai", version="3.54.0", places="SyncAPIClient.request"),
    kinds.OTHER_TRACER.found(
        who="OpenInference", sdk="openai", places="Completions.create", module="openinference", remedy="x" * 50
    ),
    kinds.NO_SDK.found(),
)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_longer_than_the_terminal_is_wide(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_consultation(Consultation((), SAMPLE), as_json=False, to_stderr=False)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line != line.rstrip()]
    assert "".join(SAMPLE[1].what.split()) in "".join("".join(lines).split())


def test_what_is_worst_comes_first_under_its_topic(capsys: pytest.CaptureFixture[str]) -> None:
    print_consultation(Consultation((), SAMPLE), as_json=False, to_stderr=True)
    told = capsys.readouterr().err
    assert re.findall(r"^  (\w+)  ", told, re.MULTILINE) == ["problem", "warning", "ok"]
    assert told.endswith("\n\n1 problem and 1 warning.\n")


def test_colours_are_for_those_who_want_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    print_consultation(Consultation((), SAMPLE), as_json=False, to_stderr=False)
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    print_consultation(Consultation((), SAMPLE), as_json=False, to_stderr=False)
    assert "\x1b[1;31m  problem" in capsys.readouterr().out


def alone(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Where the extra `local` is not installed."""
    hidden = f"import sys; sys.modules.update({{name: None for name in {LOCAL_EXTRA!r} if name != 'grpc'}})"
    code = f"{hidden}; from firsttoken.cli import main; sys.argv[0] = 'firsttoken'; main()"
    command = [sys.executable, "-c", code, "doctor", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_without_the_local_extra_the_rest_is_told_all_the_same(environ: dict[str, str]) -> None:
    done = alone(environ, "--json", "--", sys.executable, "-W", "ignore", "-c", CALLS)
    document = json.loads(done.stderr.splitlines()[-1])
    assert (done.returncode, done.stdout) == (1, "out\n")
    assert [
        [finding["code"] for finding in document["findings"]],
        [finding["code"] for finding in document["processes"][0]["findings"] if finding["topic"] == "Calls"],
    ] == [["program-ended", "local-missing"], ["calls-observed"]]
    assert "altair, click, duckdb" in document["findings"][1]["what"]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("--page-port", "1"), 2, "firsttoken: without the extra `local` this takes nothing but: "),
        (("no-such-command",), 127, "firsttoken: no command 'no-such-command' was found"),
    ],
)
def test_without_the_local_extra_what_cannot_be_done_is_one_line(
    environ: dict[str, str], arguments: tuple[str, ...], code: int, complaint: str
) -> None:
    done = alone(environ, *arguments)
    assert (code, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert done.stderr.startswith(complaint)
