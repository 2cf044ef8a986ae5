"""OTLP over HTTP: what is wrong is refused as the protocol says, and the next request still works."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from google.rpc.code_pb2 import INVALID_ARGUMENT, RESOURCE_EXHAUSTED
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from store.samples import SMALLEST_CALL

from firsttoken.serve import Server

from .conftest import LIMIT_BYTES
from .sending import JSON, PROTOBUF, Answer, context, post, request_of, span_of

PATHS = ("/v1/traces", "/v1/metrics", "/v1/logs")
GZIP = {"content-encoding": "gzip"}
DEFLATE = {"content-encoding": "deflate"}


def good_body() -> bytes:
    return request_of(span_of(SMALLEST_CALL, context())).SerializeToString()


@pytest.fixture
def endpoint(server: Server) -> Iterator[str]:
    """Of a server that still takes a good request afterwards."""
    yield server.ports.http_endpoint
    assert post(server.ports.http_endpoint, "/v1/traces", good_body(), PROTOBUF).status == 200


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def status_of(answer: Answer) -> Status:
    assert answer.headers["content-type"] == "application/x-protobuf"
    return Status.FromString(answer.body)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"\x0a\xff\xff", b"not protobuf", b"\x00" * 50], ids=["cut", "text", "zeros"])
def test_what_is_not_protobuf_is_malformed(endpoint: str, path: str, body: bytes) -> None:
    answer = post(endpoint, path, body, PROTOBUF)
    assert (answer.status, status_of(answer).code) == (400, INVALID_ARGUMENT)
    assert "in protobuf" in status_of(answer).message


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"resourceSpans": 1, "resourceLogs": 1, "resourceMetrics": 1}',
        b'{"resourceSpans": [1], "resourceLogs": [1], "resourceMetrics": [1]}',
        b"[" * 100_000,
        rb'{"resourceSpans": [{"schemaUrl": "\ud800"}], "resourceLogs": 1, "resourceMetrics": 1}',
    ],
)
def test_what_is_not_otlp_in_json_is_malformed(endpoint: str, path: str, body: bytes) -> None:
    answer = post(endpoint, path, body, JSON)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    status = json.loads(answer.body)
    assert status["code"] == INVALID_ARGUMENT
    assert "in JSON" in status["message"]


@given(start=st.integers(0, 400), cut=st.integers(0, 9), noise=st.binary(max_size=9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_answered(endpoint: str, start: int, cut: int, noise: bytes) -> None:
    good = good_body()
    damaged = good[:start] + noise + good[start + cut :]
    assert post(endpoint, "/v1/traces", damaged, PROTOBUF).status in {200, 400}


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_another_content_type_is_not_supported(endpoint: str, content_type: str) -> None:
    answer = post(endpoint, "/v1/traces", good_body(), {"content-type": content_type})
    assert answer.status == 415
    assert "application/x-protobuf, application/json" in json.loads(answer.body)["message"]


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip, gzip"])
def test_another_content_encoding_is_not_supported(endpoint: str, encoding: str) -> None:
    answer = post(endpoint, "/v1/traces", good_body(), PROTOBUF | {"content-encoding": encoding})
    assert (answer.status, "send gzip, deflate or identity" in status_of(answer).message) == (415, True)


@pytest.mark.parametrize(
    ("pack", "headers"),
    [
        (gzip.compress, GZIP),
        (lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]), GZIP),
        (zlib.compress, DEFLATE),
        (raw_deflate, DEFLATE),
        (bytes, {"content-encoding": "identity"}),
        (bytes, {"content-type": "application/x-protobuf; charset=utf-8"}),
    ],
    ids=["gzip", "two gzip members", "zlib", "raw deflate", "identity", "parameters"],
)
def test_compressed_bodies_are_unpacked(endpoint: str, pack, headers: dict[str, str]) -> None:
    answer = post(endpoint, "/v1/traces", pack(good_body()), PROTOBUF | headers)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("headers", [GZIP, DEFLATE], ids=["gzip", "deflate"])
@pytest.mark.parametrize(
    "body",
    [b"not compressed", gzip.compress(b"x" * 999)[:-9], zlib.compress(b"x" * 999)[:-9]],
    ids=["plain", "cut gzip", "cut zlib"],
)
def test_damaged_compression_is_malformed(endpoint: str, headers: dict[str, str], body: bytes) -> None:
    answer = post(endpoint, "/v1/traces", body, PROTOBUF | headers)
    assert (answer.status, status_of(answer).code) == (400, INVALID_ARGUMENT)


@pytest.mark.parametrize(
    ("packed", "size", "headers"),
    [
        (bytes, LIMIT_BYTES + 1, {}),
        (bytes, LIMIT_BYTES * 20, {}),
        (gzip.compress, LIMIT_BYTES * 200, GZIP),
        (zlib.compress, LIMIT_BYTES * 200, DEFLATE),
    ],
    ids=["a byte more", "much more", "gzip bomb", "zlib bomb"],
)
def test_a_body_over_the_limit_is_refused_before_and_after_unpacking(
    endpoint: str, packed: Callable[[bytes], bytes], size: int, headers: dict[str, str]
) -> None:
    answer = post(endpoint, "/v1/traces", packed(bytes(size)), PROTOBUF | headers)
    assert (answer.status, status_of(answer).code) == (413, RESOURCE_EXHAUSTED)
    assert status_of(answer).message == f"the request is larger than {LIMIT_BYTES} bytes: send smaller batches"


def test_a_body_of_just_the_limit_is_read(endpoint: str) -> None:
    assert post(endpoint, "/v1/traces", b"\x00" * LIMIT_BYTES, PROTOBUF).status == 400


def test_a_connection_goes_on_after_a_refusal(server: Server) -> None:
    connection = http.client.HTTPConnection(server.ports.http_address, timeout=30)
    statuses: list[int] = []
    for body in (b"garbage", b"\x00" * (LIMIT_BYTES * 3), good_body()):
        connection.request("POST", "/v1/traces", body, PROTOBUF)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [400, 413, 200]


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"\x00" * 5000,
        b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=["tls", "no request", "zeros", "cut body", "http2"],
)
def test_noise_on_the_port_harms_nobody(endpoint: str, noise: bytes) -> None:
    place = urlsplit(endpoint)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        connection.sendall(noise)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(100)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/traces", 405), ("POST", "/v1/other", 404)])
def test_other_methods_and_paths_are_told_so(server: Server, method: str, path: str, status: int) -> None:
    connection = http.client.HTTPConnection(server.ports.http_address, timeout=30)
    connection.request(method, path)
    assert connection.getresponse().status == status
    connection.close()


def test_items_that_cannot_be_kept_are_a_partial_success(server: Server) -> None:
    request = request_of(*(span_of(SMALLEST_CALL, context()) for _ in range(4)))
    spans = request.resource_spans[0].scope_spans[0].spans
    spans[0].trace_id = b""
    spans[1].end_time_unix_nano = 0
    spans[2].span_id = b"\x00" * 8
    before = server.health()
    answer = post(server.ports.http_endpoint, "/v1/traces", request.SerializeToString(), PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.body).partial_success
    assert (answer.status, partial.rejected_spans) == (200, 3)
    assert partial.error_message == "2 x invalid trace or span id; 1 x time out of range"
    after = server.health()
    assert after.spans == before.spans + 1
    assert Counter(after.refused_items) - Counter(before.refused_items) == {
        "invalid trace or span id": 2,
        "time out of range": 1,
    }


def test_refused_requests_are_counted_by_reason(server: Server) -> None:
    before = Counter(server.health().refused_requests)
    url = server.ports.http_endpoint
    post(url, "/v1/traces", b"garbage", PROTOBUF)
    post(url, "/v1/logs", b"{", JSON)
    post(url, "/v1/traces", b"\x00" * (LIMIT_BYTES + 1), PROTOBUF)
    post(url, "/v1/traces", b"", {"content-type": "text/plain"})
    after = Counter(server.health().refused_requests)
    assert after - before == {"malformed": 2, "too_large": 1, "unknown_type": 1}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:4318", "x.localhost", "10.0.0.1", "[::2]", ""]
)
def test_a_foreign_host_name_is_refused(server: Server, host: str) -> None:
    answer = post(server.ports.http_endpoint, "/v1/traces", good_body(), PROTOBUF | {"host": host})
    assert (answer.status, b"answers only to localhost" in answer.body) == (421, True)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:4318", "127.0.0.1", "127.0.0.53:9", "[::1]", "[::1]:4318"])
def test_a_loopback_host_name_is_welcome(server: Server, host: str) -> None:
    assert post(server.ports.http_endpoint, "/v1/traces", good_body(), PROTOBUF | {"host": host}).status == 200


def test_other_origins_are_not_let_in(server: Server) -> None:
    connection = http.client.HTTPConnection(server.ports.http_address, timeout=30)
    asked = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    connection.request("OPTIONS", "/v1/traces", headers=asked)
    response = connection.getresponse()
    assert response.status == 405
    assert not [name for name, _ in response.getheaders() if name.lower().startswith("access-control")]
    connection.close()
