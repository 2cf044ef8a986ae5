"""The gateway that redacts: what waits is on disk, and its own back ends get nothing that was said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub
from patience import until

from e2e.certificates import authority, certificate
from e2e.collector.redacting import raw
from e2e.gateway import Gateway, gateway
from e2e.observed import CONTENT, Observed, Otlp, observed
from e2e.otlp import log_record, logs, sender, span, traces
from e2e.programs import CONFIGURATIONS, free_ports, prometheus
from e2e.queries import asked, values
from e2e.sink import Received, grpc_sink, http_sink

pytestmark = pytest.mark.timeout(900)

CANARY = "kanarienvogel"
TOKEN = "5f3a9c"  # noqa: S105  of a gateway that lives for a test
CALLS = 10
EVENTS = ("gen_ai.client.inference.operation.details", "firsttoken.provider_trace")
COUNTED = 'sum(gen_ai_client_inference_duration_seconds_count{job="shop"})'


def of_the_page() -> list[str]:
    """The files of the command that docs/collector/redact.md shows for it."""
    page = (CONFIGURATIONS.parent / "docs" / "collector" / "redact.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^otelcol-contrib (.*redact-gateway\.yaml)$", page, re.MULTILINE)
    return re.findall(r"--config (\S+)", command)


@dataclass(frozen=True)
class Safe:
    """A gateway, who sends to it, and where its private store is."""

    place: Gateway
    otlp: Otlp
    private: int


@pytest.fixture
def safe(collector_binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Safe:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)  # they are preferred to the authority that an exporter names
    issuer = authority(tmp_path)
    shown = certificate(tmp_path, "gateway", issuer)
    (tmp_path / "tokens").write_text(f"{TOKEN} of shop\n")
    [private] = free_ports(1)
    place = gateway(
        collector_binary,
        tmp_path,
        OTLP_TLS_CERT_FILE=str(shown.certificate),
        OTLP_TLS_KEY_FILE=str(shown.key),
        OTLP_TOKENS_FILE=str(tmp_path / "tokens"),
        PRIVATE_ENDPOINT=f"127.0.0.1:{private}",
        PRIVATE_INSECURE="true",
    )
    headers = {"authorization": f"Bearer {TOKEN}"}
    return Safe(
        place, Otlp(endpoint=f"127.0.0.1:{place.grpc}", headers=headers, ca_file=str(issuer.certificate)), private
    )


@contextmanager
def public_back_ends(place: Gateway, folder: Path) -> Iterator[tuple[Received, Received, str]]:
    """What comes as traces and as logs, and where Prometheus is."""
    with (
        grpc_sink(place.traces) as at_traces,
        http_sink(place.logs) as (_, at_logs),
        prometheus(folder, place.prometheus) as url,
    ):
        yield at_traces, at_logs, url


def calls(app: Observed) -> list[str]:
    made = [app.say(f"{CANARY} asked", f"{CANARY} said") for _ in range(CALLS)]
    app.flush()
    return made


def have_arrived(made: list[str], at_traces: Received, at_logs: Received) -> bool:
    """Every span and every log record of these calls."""
    spans = {span.trace_id for span in at_traces.spans}
    records = {(record.trace_id, record.name) for record in at_logs.logs}
    return spans >= set(made) and records >= {(trace, name) for trace in made for name in EVENTS}


@pytest.mark.parametrize("end", ["end", "kill"])
def test_what_the_private_store_does_not_take_outlives_the_gateway(safe: Safe, tmp_path: Path, end: str) -> None:
    place, files = safe.place, of_the_page()
    with (
        public_back_ends(place, tmp_path) as (at_traces, at_logs, url),
        place.many_times() as lives,
        observed(safe.otlp, settings=CONTENT) as app,
    ):
        lives.start(*files)
        made = calls(app)
        until(lambda: have_arrived(made, at_traces, at_logs))
        getattr(lives, end)()
        lives.start(*files)
        made += calls(app)
        with grpc_sink(safe.private) as at_private:
            until(lambda: have_arrived(made, at_traces, at_logs))
            until(lambda: values(url, COUNTED) == [2 * CALLS])
            at_private.until(lambda: have_arrived(made, at_private, at_private))
            at_private.until(
                lambda: {metric.name for metric in at_private.metrics} >= {"gen_ai.client.inference.duration"}
            )
        labels = asked(url, "series", **{"match[]": '{job="shop"}'})

    assert Counter(made) == Counter(span.trace_id for span in at_private.spans)
    assert all(CANARY in str(span.attributes["gen_ai.input.messages"]) for span in at_private.spans)
    assert CANARY.encode() not in raw(at_traces) + raw(at_logs)
    assert CANARY not in str(labels)


def test_what_waits_for_the_public_back_ends_is_redacted_on_disk_too(safe: Safe, tmp_path: Path) -> None:
    place, files = safe.place, of_the_page()
    with (
        grpc_sink(safe.private) as at_private,
        place.many_times() as lives,
        observed(safe.otlp, settings=CONTENT) as app,
    ):
        lives.start(*files)
        made = calls(app)
        at_private.until(lambda: have_arrived(made, at_private, at_private))
        lives.kill()
        waiting = {path.name: path.read_bytes() for path in (tmp_path / "queue").iterdir()}
        lives.start(*files)
        with public_back_ends(place, tmp_path) as (at_traces, at_logs, url):
            until(lambda: have_arrived(made, at_traces, at_logs))
            until(lambda: values(url, COUNTED) == [CALLS])

    public = {name: content for name, content in waiting.items() if "private" not in name}
    assert any(b"gen_ai.request.model" in content for content in public.values())
    assert [name for name, content in public.items() if CANARY.encode() in content] == []
    assert CANARY.encode() not in raw(at_traces) + raw(at_logs)


def test_who_shows_no_token_is_refused(safe: Safe) -> None:
    assert safe.otlp.ca_file is not None
    credentials = grpc.ssl_channel_credentials(Path(safe.otlp.ca_file).read_bytes())
    with (
        safe.place.running(*of_the_page()),
        grpc.secure_channel(safe.otlp.endpoint, credentials) as channel,
        pytest.raises(grpc.RpcError) as refused,
    ):
        TraceServiceStub(channel).Export(ExportTraceServiceRequest(), timeout=30)

    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED  # pyright: ignore[reportAttributeAccessIssue]


def test_it_listens_and_waits_as_the_gateway_does() -> None:
    merged: dict[str, Any] = {}
    for name in of_the_page():
        merge(merged, yaml.safe_load((CONFIGURATIONS / name).read_text(encoding="utf-8")))
    alone = yaml.safe_load((CONFIGURATIONS / "gateway.yaml").read_text(encoding="utf-8"))

    assert merged["receivers"] == alone["receivers"]
    assert merged["service"]["extensions"] == alone["service"]["extensions"]
    private, usual = (merged["exporters"][f"otlp_grpc/{name}"] for name in ("private", "traces"))
    own = {"endpoint": "${env:PRIVATE_ENDPOINT}", "tls": {**usual["tls"], "insecure": "${env:PRIVATE_INSECURE:-false}"}}
    whole = {name: value for name, value in usual["sending_queue"].items() if name != "batch"}
    assert private == {**usual, **own, "sending_queue": whole}


def merge(into: dict[str, Any], over: dict[str, Any]) -> None:
    """As the Collector does: maps are joined, and the later of anything else stands."""
    for name, value in over.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], cast("dict[str, Any]", value))
        else:
            into[name] = value


def test_what_is_large_reaches_the_private_store_whole(safe: Safe, tmp_path: Path) -> None:
    """Larger than a batch, and than what a gRPC server takes by default."""
    said = CANARY * 800_000
    asked_in = [traces([span({"gen_ai.input.messages": said, "server.port": 443})]), logs([log_record("e", [said])])]
    files = [*of_the_page(), "trusted-network.yaml"]
    with (
        grpc_sink(safe.private) as at_private,
        public_back_ends(safe.place, tmp_path) as (at_traces, at_logs, _),
        safe.place.running(*files),
        sender(safe.otlp.endpoint) as send,
    ):
        for request in asked_in:
            send(request)
        for received, signal in ((at_private, "spans"), (at_private, "logs"), (at_traces, "spans"), (at_logs, "logs")):
            received.wait_for(signal)

    assert at_private.spans[0].attributes["gen_ai.input.messages"] == at_private.logs[0].body[0] == said
    assert at_traces.spans[0].attributes == {"server.port": 443}
