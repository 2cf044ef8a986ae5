"""What the observer asks of a wire whose content it captures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from firsttoken.call.content import Content, Message


class Transcript(Protocol):
    """What a stream has said so far: as long as its text, and not by the number of its chunks."""

    def note(self, chunk: Any) -> None:
        """Takes one chunk in, on the caller's path."""
        ...

    def answer(self) -> object:
        """As much of the answer as came, in the shape of a whole one."""
        ...


class ContentReader(Protocol):
    """The content of one wire. What it reads is plain JSON; members of a wrong type are passed over."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The members of a request body that hold content."""
        ...

    def transcript(self) -> Transcript:
        """An empty one, for a new stream."""
        ...

    def length_of(self, chunk: Any) -> int:
        """How many characters one chunk of a stream says. On the caller's path; may raise."""
        ...

    def read_request(self, body: Mapping[str, Any]) -> Content:
        """All but the answer."""
        ...

    def read_answer(self, answer: Any) -> tuple[Message, ...]:
        """One message for each choice."""
        ...
