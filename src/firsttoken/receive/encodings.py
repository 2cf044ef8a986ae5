"""The two encodings of an OTLP message: protobuf and JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from pydantic_core import from_json

from firsttoken.receive.refusal import MALFORMED, UNKNOWN_TYPE, RefusalError
from firsttoken.receive.signals import Fill

CONTAINERS: Final = ("resourceSpans", "scopeSpans", "spans", "links", "resourceLogs", "scopeLogs", "logRecords")
IDS: Final = ("traceId", "spanId", "parentSpanId")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How requests are read and answers written for one content type."""

    content_type: str
    fill: Fill
    write: Callable[[Message], bytes]


def fill_from_protobuf(payload: bytes, message: Message) -> None:
    """Raises RefusalError."""
    try:
        message.ParseFromString(payload)
    except DecodeError as error:
        raise RefusalError(MALFORMED, f"the body is no {message.DESCRIPTOR.name} in protobuf: {error}") from error


def fill_from_json(payload: bytes, message: Message) -> None:
    """Raises RefusalError. Ids are hexadecimal here, unlike in other JSON made from protobuf (OTLP, JSON encoding)."""
    try:
        document: dict[str, Any] = from_json(payload)
        _ids_to_base64(document)
        json_format.ParseDict(document, message, ignore_unknown_fields=True)
    except (ValueError, TypeError, AttributeError, RecursionError, json_format.Error) as error:
        why = str(error).partition("\n")[0][:200]
        raise RefusalError(MALFORMED, f"the body is no {message.DESCRIPTOR.name} in JSON: {why}") from error


def _ids_to_base64(node: dict[str, Any]) -> None:
    for name in IDS:
        if node.get(name) is not None:
            node[name] = _base64_of_hexadecimal(name, node[name])
    for name in CONTAINERS:
        for child in node.get(name) or ():
            _ids_to_base64(child)


def _base64_of_hexadecimal(name: str, value: object) -> str:
    try:
        return base64.b64encode(bytes.fromhex(str(value))).decode()
    except ValueError:
        raise ValueError(f"{name} is not hexadecimal") from None


def _refuse(payload: bytes, message: Message) -> None:
    raise RefusalError(UNKNOWN_TYPE, f"the content type is not one of {', '.join(_ENCODINGS)}")


def _write_protobuf(message: Message) -> bytes:
    return message.SerializeToString()


def _write_json(message: Message) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode()


PROTOBUF: Final = Encoding("application/x-protobuf", fill_from_protobuf, _write_protobuf)
JSON: Final = Encoding("application/json", fill_from_json, _write_json)
UNKNOWN: Final = Encoding("application/json", _refuse, _write_json)
"""Anything else: refused, in JSON. That a web page can only send types we refuse also keeps its forged posts out."""
_ENCODINGS: Final[Mapping[str, Encoding]] = {encoding.content_type: encoding for encoding in (PROTOBUF, JSON)}


def encoding_of(content_type: str) -> Encoding:
    """By the value of the header; its parameters do not matter."""
    return _ENCODINGS.get(content_type.partition(";")[0].strip().lower(), UNKNOWN)
