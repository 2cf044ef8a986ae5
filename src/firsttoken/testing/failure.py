"""Replies that are no answer: an HTTP error, a reply of arbitrary bytes, and no reply at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firsttoken.testing.delivery import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """A provider's error. What is None comes from the wire's table of errors by status."""

    status: int = 500
    message: str | None = None
    type: str | None = None
    code: str | None = None
    """OpenAI only, as is `param`."""
    param: str | None = None
    content: bytes | None = None
    """The body itself, such as the HTML page of a proxy; None is the provider's JSON."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """For example `{"retry-after-ms": "5"}` or `{"x-should-retry": "false"}`."""
    delivery: Delivery = field(default_factory=Delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """A reply of exactly these bytes, streamed as an event stream whatever the request asked for."""

    chunks: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    delivery: Delivery = field(default_factory=Delivery)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The connection ends before a single byte of a reply."""

    reset: bool = True
    """By a TCP reset; otherwise it is closed."""
    delivery: Delivery = field(default_factory=Delivery)
    """Only `headers_after` matters."""
