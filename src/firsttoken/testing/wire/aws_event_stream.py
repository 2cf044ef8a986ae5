"""AWS's event stream encoding, in which Bedrock sends Messages events.

Source: Amazon Transcribe developer guide, "Event stream encoding".
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Mapping
from typing import Final

TYPE: Final = "application/vnd.amazon.eventstream"
STRING_HEADER: Final = 7
"""The type of a header's value."""


def frame(headers: Mapping[str, str], payload: bytes) -> bytes:
    """One message: lengths, headers and payload, each part with its checksum."""
    named = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    prelude = struct.pack(">II", 16 + len(named) + len(payload), len(named))
    message = prelude + struct.pack(">I", binascii.crc32(prelude)) + named + payload
    return message + struct.pack(">I", binascii.crc32(message))


def event_frame(event: bytes) -> bytes:
    """A server-sent event as Bedrock sends it: its JSON in base64 in a `chunk`."""
    data = event.partition(b"data: ")[2].strip()
    headers = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return frame(headers, json.dumps({"bytes": base64.b64encode(data).decode()}).encode())


def exception_frame(kind: str, message: str) -> bytes:
    """An error in mid-stream."""
    headers = {":exception-type": kind, ":content-type": "application/json", ":message-type": "exception"}
    return frame(headers, json.dumps({"message": message}).encode())


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack(f">B{len(name)}sBH{len(value)}s", len(name), name, STRING_HEADER, len(value), value)
