"""OTLP over gRPC: one service per signal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from firsttoken.receive.encodings import PROTOBUF
from firsttoken.receive.intake import Incoming, Intake
from firsttoken.receive.refusal import RETRY_AFTER_S, RefusalError
from firsttoken.receive.signals import SIGNALS, Signal

STATUS_DETAILS: Final = "grpc-status-details-bin"

Export = Callable[[bytes, grpc.aio.ServicerContext[bytes, Message]], Awaitable[Message]]


def grpc_server(intake: Intake) -> grpc.aio.Server:
    """A server without a port yet, for the running loop. It never shares its port with another process."""
    options = [("grpc.max_receive_message_length", intake.max_body_bytes), ("grpc.so_reuseport", 0)]
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers([_handler(intake, signal) for signal in SIGNALS])
    return server


def _handler(intake: Intake, signal: Signal[Any]) -> grpc.GenericRpcHandler:
    """Takes the bytes as they are: decoding belongs to the intake, and what is malformed gets the status OTLP wants."""
    method: grpc.RpcMethodHandler[bytes, Message] = grpc.unary_unary_rpc_method_handler(
        _export(intake, signal), request_deserializer=None, response_serializer=PROTOBUF.write
    )
    return grpc.method_handlers_generic_handler(signal.service, {"Export": method})


def _export(intake: Intake, signal: Signal[Any]) -> Export:
    async def export(body: bytes, context: grpc.aio.ServicerContext[bytes, Message]) -> Message:
        try:
            with intake.refusals_counted():
                return await intake.take(signal, Incoming(body, PROTOBUF.fill))
        except RefusalError as refusal:
            details = (STATUS_DETAILS, _status(refusal).SerializeToString())
            await context.abort(refusal.reason.grpc, refusal.message, trailing_metadata=(details,))

    return export


def _status(refusal: RefusalError) -> Status:
    """With RetryInfo where the sender may try again (OTLP/gRPC, throttling)."""
    status = Status(code=refusal.reason.grpc.value[0], message=refusal.message)
    if refusal.reason.may_retry:
        retry = AnyMessage()
        retry.Pack(RetryInfo(retry_delay=Duration(seconds=RETRY_AFTER_S)))
        status.details.append(retry)
    return status
