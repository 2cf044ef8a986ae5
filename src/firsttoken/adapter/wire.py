"""What the adapter asks of a wire. A third one can be added from outside with `register_wire`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.events import Event
from firsttoken.call import Failure, Response, Usage
from firsttoken.call.content import Part, Reasoning, ToolCall


@dataclass(frozen=True, slots=True)
class Said:
    """What a stream has said so far."""

    text: str = ""
    reasoning: tuple[Reasoning, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    parts: tuple[Part, ...] = ()
    """All of the first choice's, in order; the above are taken from them."""
    response: Response = field(default_factory=Response)
    usage: Usage | None = None
    message_id: str | None = None
    """The provider's id of the message, where it has one beside that of the response."""
    finished: bool = False
    """Whether the answer reached its own end."""
    failure: Failure | None = None
    """What the provider says went wrong, in an answer that arrived."""


class EventReader(Protocol):
    """Reads one stream."""

    def read(self, chunk: Any) -> Sequence[Event]:
        """What one chunk says, in order; at least one event, which may be an `Other`."""
        ...

    def said(self) -> Said:
        """What all chunks so far have said. May be asked at any time, and more than once."""
        ...


class AdapterWire(Protocol):
    """One provider API, for the clients that speak it."""

    @property
    def api(self) -> str:
        """Its name, such as `openai.chat_completions`."""
        ...

    def fits(self, client: Any) -> bool:
        """Whether it can be spoken through this client."""
        ...

    def is_async(self, client: Any) -> bool:
        """Whether what `send` gives through this client is to be awaited, and the stream read by `async for`."""
        ...

    def fits_arguments(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a request in the provider's own arguments is one of its own, where a client speaks several wires."""
        ...

    def translate(self, ask: Ask, client: Any) -> dict[str, Any]:
        """The provider's own arguments for it. Raises ValueError, with what to do, for what it cannot say.

        Servers that speak one wire do not all have one word for the same: who answers is known by the client.
        """
        ...

    def send(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        """Starts the request, as a stream: the SDK's stream, or an awaitable of it for an asynchronous client.

        The stream is iterated, and closed by its `close()` or `aclose()`.
        """
        ...

    def reader(self, needing_approval: Collection[str]) -> EventReader:
        """For a new stream. Calls of the tools that are named here are flagged."""
        ...
