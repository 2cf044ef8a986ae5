"""What the observer asks of a wire: who it is, what a request says, and what an answer says.

A wire reads; it never changes or consumes what it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from firsttoken.call import Parameters, Portion, Response, Usage


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer, or as much of it as arrived, said."""

    response: Response = field(default_factory=Response)
    usage: Usage | None = None
    portions: Collection[Portion] = ()
    """What is billed apart, where one price does not do for the whole usage."""
    unknown: frozenset[str] = frozenset()
    """What it said that we do not know, such as `event ping2` or `stop_reason bored`."""
    finished: bool = False
    """Whether the answer reached its own end, rather than just stopping."""


def reported(usage: Usage) -> Usage | None:
    """The usage, or None where both totals are unknown or zero: no answer takes no tokens, so nobody has counted."""
    return usage if usage.input_tokens or usage.output_tokens else None


class Tally(Protocol):
    """What a stream has said so far. Its size does not grow with the stream."""

    def note(self, chunk: Any) -> bool:
        """Takes one chunk in; True once one has carried content (text, reasoning, a tool call)."""
        ...

    def reading(self) -> Reading:
        """What was said, read once when the stream has ended."""
        ...


class Wire(Protocol):
    """One provider API."""

    @property
    def api(self) -> str: ...

    @property
    def operation(self) -> str: ...

    def parameters(self, body: Mapping[str, object]) -> Parameters:
        """The generation parameters in a request body."""
        ...

    def ask_for_usage(self, body: Mapping[str, object]) -> dict[str, object] | None:
        """A copy of a streaming request's body that asks for usage, or None where nothing needs asking."""
        ...

    def is_usage_only(self, chunk: object) -> bool:
        """Whether a chunk exists only because usage was asked for."""
        ...

    def hide_question(self, chunk: Any) -> None:
        """Takes out of a chunk what is in it, beside its own content, only because usage was asked for."""
        ...

    def tally(self) -> Tally:
        """An empty tally for a new stream."""
        ...

    def read_answer(self, answer: object) -> Reading:
        """What a whole answer says. `answer` is the SDK's object, or the decoded JSON of it."""
        ...
