"""Texts and sounds that come in pieces: kept as what they add up to, and never as their pieces."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any

from firsttoken.call.content import Sealed
from firsttoken.providers.fields import get, text


def grown(held: bytearray, piece: object) -> None:
    """Adds a text in UTF-8; half a surrogate pair, which JSON may carry, keeps its place. Passes over all else."""
    if isinstance(piece, str):
        held += piece.encode("utf-8", "surrogatepass")


def read(held: bytearray) -> str:
    return held.decode("utf-8", "surrogatepass")


class SealedSound:
    """Audio in pieces of base64, of which size, digest and transcript are kept."""

    __slots__ = ("_digest", "_id", "_size", "_transcript")

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self._size = 0
        self._id: str | None = None
        self._transcript = bytearray()

    def take(self, piece: object) -> None:
        self._id = self._id or text(get(piece, "id"))
        grown(self._transcript, get(piece, "transcript"))
        if data := text(get(piece, "data")):
            content = _bytes_of(data)
            self._size += len(content)
            self._digest.update(content)

    def whole(self) -> dict[str, Any]:
        """The member `audio` of a message, sealed."""
        seal = Sealed(self._size, self._digest.hexdigest()) if self._size else None
        return {"id": self._id, "data": seal, "transcript": read(self._transcript)}


def _bytes_of(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return data.encode("utf-8", "replace")
