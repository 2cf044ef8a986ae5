"""What an endpoint answers to an empty delivery, and what is made of it."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from patience import PATIENCE_S

from firsttoken.diagnosis import asking, kinds
from firsttoken.diagnosis.asking import Answer
from firsttoken.diagnosis.destinations import Destination, Protocol, Security
from firsttoken.diagnosis.finding import Kind
from firsttoken.export.exporters import Signal
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

from .servers import closed_port, grpc_server, http_server, silent_server, talking_server

OTLP = "application/x-protobuf"
SIGNALS: tuple[Signal, ...] = ("traces", "metrics", "logs")
SHORT_S = 0.5


def ask(destination: Destination, limit_s: float = PATIENCE_S) -> Answer:
    """With more patience than `firsttoken doctor`, for a machine that is busy."""
    return asking.ask(destination, limit_s)


def by_http(port: int, **more: object) -> Destination:
    more = {"url": f"http://127.0.0.1:{port}/v1/traces", **more}
    return Destination("traces", "http/protobuf", variable="V", **more)  # type: ignore[arg-type]


def by_grpc(port: int, **more: object) -> Destination:
    more = {"url": f"http://127.0.0.1:{port}", **more}
    return Destination("traces", "grpc", variable="V", **more)  # type: ignore[arg-type]


BY: dict[str, object] = {"http": by_http, "grpc": by_grpc}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Server]:
    with Store.open(None) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=None)) as server:
        yield server


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_our_own_receiver_takes_an_empty_delivery_and_keeps_nothing_of_it(
    receiver: Server, protocol: Protocol, signal: Signal
) -> None:
    base = receiver.ports.grpc_endpoint if protocol == "grpc" else f"{receiver.ports.http_endpoint}/v1/{signal}"
    answer = ask(Destination(signal, protocol, base, variable="V"))
    health = receiver.health()
    assert (answer.kind, answer.reason) == (kinds.ENDPOINT_ANSWERS, "")
    assert (health.spans, health.log_records, health.metric_points, health.refused_requests) == (0, 0, 0, {})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, kinds.ENDPOINT_ANSWERS),
        (202, kinds.ENDPOINT_ANSWERS),
        (301, kinds.ENDPOINT_NOT_FOUND),
        (400, kinds.ENDPOINT_REFUSES),
        (401, kinds.ENDPOINT_UNAUTHORIZED),
        (403, kinds.ENDPOINT_UNAUTHORIZED),
        (404, kinds.ENDPOINT_NOT_FOUND),
        (405, kinds.ENDPOINT_NOT_FOUND),
        (415, kinds.ENDPOINT_REFUSES),
        (429, kinds.ENDPOINT_BUSY),
        (500, kinds.ENDPOINT_REFUSES),
        (503, kinds.ENDPOINT_BUSY),
    ],
)
def test_what_an_http_status_means(status: int, kind: Kind) -> None:
    with http_server(status, OTLP) as (port, heard):
        answer = ask(by_http(port))
    assert kind is answer.kind
    assert str(status) in answer.reason or status < 300
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (OTLP, kinds.ENDPOINT_ANSWERS),
        ("application/json; charset=utf-8", kinds.ENDPOINT_ANSWERS),
        ("text/html", kinds.ENDPOINT_NOT_OTLP),
        ("", kinds.ENDPOINT_NOT_OTLP),
    ],
)
def test_a_server_that_says_yes_to_everything_is_told_from_a_receiver(content_type: str, kind: Kind) -> None:
    with http_server(200, content_type, b"{}") as (port, _):
        assert kind is ask(by_http(port)).kind


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (None, kinds.ENDPOINT_ANSWERS),
        (grpc.StatusCode.UNAUTHENTICATED, kinds.ENDPOINT_UNAUTHORIZED),
        (grpc.StatusCode.PERMISSION_DENIED, kinds.ENDPOINT_UNAUTHORIZED),
        (grpc.StatusCode.UNIMPLEMENTED, kinds.ENDPOINT_NOT_FOUND),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, kinds.ENDPOINT_BUSY),
        (grpc.StatusCode.INVALID_ARGUMENT, kinds.ENDPOINT_REFUSES),
        (grpc.StatusCode.INTERNAL, kinds.ENDPOINT_REFUSES),
    ],
    ids=lambda value: getattr(value, "name", getattr(value, "code", "ok")),
)
def test_what_a_grpc_code_means(code: grpc.StatusCode | None, kind: Kind) -> None:
    with grpc_server(code) as (port, _):
        assert kind is ask(by_grpc(port)).kind


@pytest.mark.parametrize("protocol", BY)
def test_headers_go_with_it_as_with_any_delivery(protocol: str) -> None:
    headers = {"authorization": "Bearer k", "content-encoding": "gzip"}
    server = http_server(200) if protocol == "http" else grpc_server()
    with server as (port, heard):
        assert kinds.ENDPOINT_ANSWERS is ask(BY[protocol](port, headers=headers)).kind  # type: ignore[operator]
    assert (heard[0]["authorization"], heard[0].get("content-encoding")) == ("Bearer k", None)


@pytest.mark.parametrize("protocol", BY)
def test_a_closed_port_refuses(protocol: str) -> None:
    assert kinds.ENDPOINT_REFUSED is ask(BY[protocol](closed_port())).kind  # type: ignore[operator]


@pytest.mark.parametrize("protocol", BY)
def test_a_port_that_takes_connections_and_never_answers_is_silent(protocol: str) -> None:
    with silent_server() as port:
        answer = ask(BY[protocol](port), SHORT_S)  # type: ignore[operator]
    assert kinds.ENDPOINT_SILENT is answer.kind
    assert answer.seconds >= SHORT_S


@pytest.mark.parametrize("protocol", BY)
def test_a_host_that_nobody_knows(protocol: str) -> None:
    url = "http://no-such-host.invalid:4318"
    assert kinds.ENDPOINT_UNKNOWN_HOST is ask(BY[protocol](0, url=url)).kind  # type: ignore[operator]


def test_a_grpc_port_given_http_is_told() -> None:
    with grpc_server() as (port, _):
        assert kinds.ENDPOINT_SPEAKS_GRPC is ask(by_http(port)).kind


@pytest.mark.parametrize("status", [200, 404])
def test_an_http_port_given_grpc_is_told(status: int) -> None:
    with http_server(status, OTLP) as (port, _):
        assert kinds.ENDPOINT_SPEAKS_HTTP is ask(by_grpc(port)).kind


@pytest.mark.parametrize("protocol", BY)
def test_a_server_of_another_kind_is_told(protocol: str) -> None:
    with talking_server(b"SSH-2.0-OpenSSH_9.6\r\n") as port:
        answer = ask(BY[protocol](port))  # type: ignore[operator]
    assert kinds.ENDPOINT_NOT_OTLP is answer.kind


@pytest.mark.parametrize(
    "url",
    ["ftp://h/v1/traces", "h:4318", "", "http://", "http://h:port/", "http://h:99999/", "http://h:0/", "http://[::1"],
)
def test_what_is_no_address_is_told_without_an_exception(url: str) -> None:
    answer = ask(by_http(0, url=url))
    assert kinds.ENDPOINT_WRONG is answer.kind
    assert answer.reason


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For 127.0.0.1, signed by itself, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=here -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*command.split(), "-keyout", "key.pem", "-out", "certificate.pem"], cwd=folder, check=True)
    both = folder / "both.pem"
    both.write_text((folder / "certificate.pem").read_text() + (folder / "key.pem").read_text())
    return both


@pytest.fixture
def secure_port(certificate: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with http_server(200, OTLP, tls=context) as (port, _):
        yield port


def test_a_certificate_that_nobody_vouches_for_is_told(secure_port: int) -> None:
    answer = ask(by_http(0, url=f"https://127.0.0.1:{secure_port}/v1/traces"))
    assert (answer.kind, answer.reason) == (kinds.ENDPOINT_TLS, "certificate verify failed: self-signed certificate")


def test_a_certificate_that_was_named_is_trusted(secure_port: int, certificate: Path) -> None:
    url, trusted = f"https://127.0.0.1:{secure_port}/v1/traces", Security(certificate=str(certificate))
    assert kinds.ENDPOINT_ANSWERS is ask(by_http(0, url=url, security=trusted)).kind


@pytest.mark.parametrize("protocol", BY)
def test_tls_to_a_server_without_it_is_told(protocol: str) -> None:
    with http_server(200, OTLP) as (port, _):
        url = f"https://127.0.0.1:{port}/v1/traces"
        answer = ask(BY[protocol](0, url=url, is_secure=True))  # type: ignore[operator]
    assert kinds.ENDPOINT_TLS is answer.kind
    assert answer.reason


@pytest.mark.parametrize("protocol", BY)
def test_a_certificate_file_that_is_missing_is_told(protocol: str, tmp_path: Path) -> None:
    missing = Security(certificate=str(tmp_path / "none.pem"))
    url = f"https://127.0.0.1:{closed_port()}"
    answer = ask(BY[protocol](0, url=url, is_secure=True, security=missing))  # type: ignore[operator]
    assert kinds.ENDPOINT_TLS is answer.kind
    assert "none.pem" in answer.reason


def test_only_what_holds_for_every_signal_spares_the_next_question() -> None:
    assert not Answer(kinds.ENDPOINT_SILENT).reached
    assert Answer(kinds.ENDPOINT_NOT_FOUND).reached
