"""What was said in a call: what was sent to the model and what it answered, in parts. Captured only where asked for.

Parts are verbatim. What is no text (pictures, audio, encrypted reasoning) stands here as its size and digest only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from firsttoken.call.arguments import as_object


@dataclass(frozen=True, slots=True)
class Sealed:
    """Something that is not kept: how long it was, and the digest by which it can be recognised."""

    size_bytes: int
    sha256: str
    """Lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a text comes from, in the provider's terms."""

    kind: str
    """The provider's own word, for example `url_citation` or `page_location`."""
    source: str | None = None
    """The URI without its query, or the id of a file."""
    title: str | None = None
    quote: str | None = None
    """What the source says there."""
    start: int | None = None
    """Where in the text, or in the source, by `kind`: characters, pages or blocks."""
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What was written."""

    text: str
    citations: tuple[Citation, ...] = ()
    original_bytes: int | None = None
    """How long it was in UTF-8 before it was cut; None for a text that is whole. So too in the parts below."""
    original_sha256: str | None = None
    """The digest of all of it, where it was cut and a digest may be told. So too in the parts below."""
    type: Literal["text"] = field(default="text", init=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the model would not answer, in its own words."""

    text: str
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["refusal"] = field(default="refusal", init=False)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What the model thought, as far as the provider shows it."""

    text: str = ""
    summary: bool = False
    """Whether the text is a summary of the reasoning rather than the reasoning itself."""
    signature: str | None = None
    sealed: Sealed | None = None
    """Reasoning that the provider redacted or encrypted."""
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["reasoning"] = field(default="reasoning", init=False)


@dataclass(frozen=True, slots=True)
class Compaction:
    """What the provider put in the place of an earlier part of the conversation."""

    text: str | None = None
    sealed: Sealed | None = None
    id: str | None = None
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["compaction"] = field(default="compaction", init=False)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of one of the application's tools."""

    name: str
    arguments: str
    """As the model wrote them; where the wire carries an object instead of a text, its compact JSON."""
    valid_json: bool
    """Whether the model's arguments, before anything was redacted or cut, are JSON."""
    id: str | None = None
    kind: str = "function"
    """`function`, or the provider's word for another kind, such as `custom`, whose input need not be JSON."""
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["tool_call"] = field(default="tool_call", init=False)

    @property
    def parsed(self) -> dict[str, Any] | None:
        """The arguments to run it with: `{}` also where the model wrote none; None where they are no JSON object."""
        return as_object(self.arguments)


@dataclass(frozen=True, slots=True)
class ServerToolCall:
    """A call of a tool that the provider runs itself, an MCP server's included."""

    name: str
    kind: str
    """The provider's word, for example `server_tool_use`, `mcp_call` or `web_search_call`."""
    arguments: str
    """JSON text."""
    id: str | None = None
    server: str | None = None
    """The MCP server, as the request names it."""
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["server_tool_call"] = field(default="server_tool_call", init=False)


@dataclass(frozen=True, slots=True)
class ServerToolResponse:
    """What such a tool gave."""

    kind: str
    body: str
    """JSON text."""
    id: str | None = None
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["server_tool_response"] = field(default="server_tool_response", init=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a sound or a file, told by where it is or by what it was, and never by itself."""

    modality: str
    """`image`, `audio`, `video` or `document`."""
    mime_type: str | None = None
    sealed: Sealed | None = None
    """What was sent along with the message."""
    uri: str | None = None
    """Without its query, which may hold a signature. Never a `data:` URL."""
    file_id: str | None = None
    name: str | None = None
    transcript: str | None = None
    """What is said in it, where the provider tells."""
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["media"] = field(default="media", init=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A part of a kind that has no class here."""

    kind: str
    """The provider's word."""
    body: str
    """JSON text."""
    original_bytes: int | None = None
    original_sha256: str | None = None
    type: Literal["unknown"] = field(default="unknown", init=False)


@dataclass(frozen=True, slots=True)
class ToolResponse:
    """What the application answered to a ToolCall."""

    parts: tuple[Text | Media | Unknown, ...]
    id: str | None = None
    """That of the ToolCall."""
    failed: bool = False
    """Whether the application says that the tool failed."""
    type: Literal["tool_response"] = field(default="tool_response", init=False)


Part = (
    Text
    | Refusal
    | Reasoning
    | Compaction
    | ToolCall
    | ToolResponse
    | ServerToolCall
    | ServerToolResponse
    | Media
    | Unknown
)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation."""

    role: str
    parts: tuple[Part, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the model was offered. Its description and parameters are not kept."""

    type: str
    """`function`, or the provider's word for a tool of its own."""
    name: str


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that was said in one call."""

    input: tuple[Message, ...] | None = None
    """None where it could not be read without taking it from the SDK, as with a generator of messages."""
    system: tuple[Part, ...] = ()
    """Instructions that the API takes apart from the messages."""
    tools: tuple[Tool, ...] = ()
    output: tuple[Message, ...] = ()
    """One message for each choice, in order, with as much of it as arrived."""
    dropped_messages: int = 0
    """How many of the oldest input messages were left out, because the whole would have been too long."""
