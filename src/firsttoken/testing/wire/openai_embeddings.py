"""Embeddings: https://platform.openai.com/docs/api-reference/embeddings."""

from __future__ import annotations

import struct
from base64 import b64encode
from zlib import crc32

from pydantic import JsonValue

from firsttoken.testing.answer import Answer
from firsttoken.testing.json_value import member
from firsttoken.testing.prose import dice
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.openai import error, error_event, headers
from firsttoken.testing.wire.sse import JsonObject, json_bytes
from firsttoken.testing.wire.wire import Wire

DIMENSIONS = 8
"""Unless the request asks for another number. Few, for they mean nothing."""
MOST_DIMENSIONS = 4_096


def whole(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A list of embeddings, one for each input. Equal inputs have equal embeddings."""
    encoded = request.body.get("encoding_format") == "base64"
    embeddings: list[JsonValue] = []
    for index, text in enumerate(_inputs(request)):
        vector = _vector(text, _dimensions(request))
        embedding: JsonValue = b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if encoded else [*vector]
        embeddings.append({"object": "embedding", "index": index, "embedding": embedding})
    body: JsonObject = {"object": "list", "data": embeddings, "model": answer.model or request.model or ""}
    if answer.usage is not None:
        tokens = answer.usage.input_tokens or 0
        body["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
    return body


def _inputs(request: ReceivedRequest) -> list[JsonValue]:
    """A text or a list of token numbers is one input; a list of either is several."""
    given = request.body.get("input")
    if isinstance(given, list) and not isinstance(member(given, 0), int):
        return given
    return [given]


def _dimensions(request: ReceivedRequest) -> int:
    asked = request.body.get("dimensions")
    return asked if isinstance(asked, int) and 0 < asked <= MOST_DIMENSIONS else DIMENSIONS


def _vector(text: JsonValue, dimensions: int) -> list[float]:
    seed = crc32(json_bytes({"input": text}))
    return [round(2 * dice(seed, number) - 1, 6) for number in range(dimensions)]


OPENAI_EMBEDDINGS = Wire(
    path="/embeddings",
    needs={"input": (str, list)},
    whole=whole,
    events=None,
    error=error,
    error_event=error_event,
    headers=headers,
)
