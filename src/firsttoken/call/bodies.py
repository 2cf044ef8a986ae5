"""What of a request and its answer may be told in the shape of their wire, and what was done to it before."""

from __future__ import annotations

from dataclasses import dataclass

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A plain value that JSON and OTLP carry: integers have 64 bits, and doubles are finite."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """A text in a body that was cut at its middle."""

    path: str
    """Where it stands, as a JSON pointer that begins with `/request_body` or `/response_body`."""
    original_bytes: int
    """How long it was in UTF-8, after what is private was taken out of it."""
    sha256: str
    """Of the whole of it, in lower-case hexadecimal."""
    stored: str | None = None
    """Where the whole of it is put below the root of the content store; None where there is none."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """Something private that was taken out of a body."""

    kind: str
    """Which redactor found it, for example `api_key`."""
    count: int
    """How many times."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Both bodies of one call. None where there is none, or where nothing of it may be told."""

    request: Json = None
    response: Json = None
    truncations: tuple[Truncation, ...] = ()
    """The first of them, in the order of the bodies."""
    truncated: int = 0
    """How many texts were cut in all."""
    items_left_out: int = 0
    """How many items of lists and members of objects are missing, because there were too many."""
    redactions: tuple[Redaction, ...] = ()
    """By kind."""


NO_BODIES = Bodies()
