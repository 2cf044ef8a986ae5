"""OTLP over gRPC: what is wrong is refused as the protocol says, and the next request still works."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from store.samples import SMALLEST_CALL

from firsttoken.receive.signals import SIGNALS
from firsttoken.serve import Server

from .conftest import LIMIT_BYTES
from .sending import context, request_of, span_of

TRACES, *_ = SERVICES = [f"/{signal.service}/Export" for signal in SIGNALS]


@pytest.fixture
def channel(server: Server) -> Iterator[grpc.Channel]:
    """To a server that still takes a good request on it afterwards."""
    with grpc.insecure_channel(server.ports.grpc_address) as channel:
        yield channel
        body = request_of(span_of(SMALLEST_CALL, context())).SerializeToString()
        assert channel.unary_unary(TRACES)(body, timeout=30) == b""


def refusal(channel: grpc.Channel, method: str, body: bytes, **options: object) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(method)(body, timeout=30, **options)
    return refused.value


@pytest.mark.parametrize("method", SERVICES)
@pytest.mark.parametrize("body", [b"\x0a\xff\xff", b"not protobuf"])
def test_what_is_not_protobuf_is_an_invalid_argument(channel: grpc.Channel, method: str, body: bytes) -> None:
    refused = refusal(channel, method, body)
    assert refused.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "in protobuf" in refused.details()


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
@pytest.mark.parametrize("size", [LIMIT_BYTES + 1, LIMIT_BYTES * 200])
def test_a_message_over_the_limit_is_refused_before_and_after_unpacking(
    channel: grpc.Channel, compression: grpc.Compression, size: int
) -> None:
    refused = refusal(channel, TRACES, b"\x00" * size, compression=compression)
    assert refused.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_empty_request_is_answered(channel: grpc.Channel) -> None:
    assert [channel.unary_unary(method)(b"", timeout=30) for method in SERVICES] == [b"", b"", b""]


def test_another_method_is_unimplemented(channel: grpc.Channel) -> None:
    assert refusal(channel, "/some.other/Service", b"").code() is grpc.StatusCode.UNIMPLEMENTED


def test_items_that_cannot_be_kept_are_a_partial_success(channel: grpc.Channel) -> None:
    request = request_of(*(span_of(SMALLEST_CALL, context()) for _ in range(2)))
    first = request.resource_spans[0].scope_spans[0].spans[0]
    first.start_time_unix_nano = first.end_time_unix_nano + 1
    answer = channel.unary_unary(TRACES)(request.SerializeToString(), timeout=30)
    partial = ExportTraceServiceResponse.FromString(answer).partial_success
    assert (partial.rejected_spans, partial.error_message) == (1, "1 x ends before it starts")
