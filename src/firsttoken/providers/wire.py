"""What the observer asks of a wire: who it is, what a request says, and what an answer says.

A wire reads; it never changes or consumes what it is given.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Protocol

from firsttoken.call import Failure, Parameters, Portion, Response, Usage
from firsttoken.call.timeline import NOTHING
from firsttoken.providers.fields import get

KEEP_ALIVES: Final = frozenset({"heartbeat", "keep_alive", "keepalive", "ping"})
"""Types of events that only keep a connection open."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer, or as much of it as arrived, said."""

    response: Response = field(default_factory=Response)
    usage: Usage | None = None
    raw_usage: str | None = field(default=None, compare=False)
    """The usage object that `usage` was read from, as JSON: evidence for what was read, and no part of it."""
    portions: Collection[Portion] = ()
    """What is billed apart, where one price does not do for the whole usage."""
    events: Mapping[str, int] = field(default_factory=dict[str, int], compare=False)
    """How many events of each type there were, of a stream; but for those of the wire's `usual_event`."""
    last_event: str | None = field(default=None, compare=False)
    """The type of the last one, where it is told."""
    unknown: frozenset[str] = frozenset()
    """What it said that we do not know, such as `event ping2` or `stop_reason bored`."""
    is_repeatable: bool = False
    """Whether it can be read again: what it used then counts when it has first been read to its end."""
    empty: str | None = None
    """What it had instead of text or a tool call, `no_content` or `only_reasoning`; None where it had some, or where
    that is not known."""
    finished: bool = False
    """Whether the answer reached its own end, rather than just stopping."""
    failure: Failure | None = None
    """What the provider itself says went wrong, in an answer that arrived whole. The words are the provider's own."""


def emptiness(*, finished: bool, answered: bool, reasoned: bool) -> str | None:
    """What an answer had instead of text or a tool call. None too where it did not reach its own end."""
    if answered or not finished:
        return None
    return "only_reasoning" if reasoned else "no_content"


def reported(usage: Usage) -> Usage | None:
    """The usage, or None where both totals are unknown or zero: no answer takes no tokens, so nobody has counted."""
    return usage if usage.input_tokens or usage.output_tokens else None


class Tally(Protocol):
    """What a stream has said so far. Its size does not grow with the stream."""

    @property
    def carries(self) -> int:
        """What the last chunk carried, in the words of `call.timeline`: a piece of a text that is empty is one too."""
        ...

    def note(self, chunk: Any) -> bool:
        """Takes one chunk in, and says whether it carries something else than the one before it; the first one, whether
        it carries any content. This runs for every chunk."""
        ...

    def reading(self) -> Reading:
        """What was said, read once when the stream has ended."""
        ...


class Carrying:
    """The part of a tally that says what its chunks carry."""

    __slots__ = ("carries",)

    def __init__(self) -> None:
        self.carries = NOTHING

    def _turn(self, carries: int) -> bool:
        """Takes in what a chunk carries, and says whether that is something else than before."""
        turns, self.carries = carries != self.carries, carries
        return turns


class Wire(ABC):
    """One provider API. What most of them have in common is said here."""

    api: str
    operation: str
    """One of `firsttoken.call.OPERATIONS`."""
    passed_over: ClassVar[frozenset[str]] = frozenset()
    """Names of events that the SDK does not hand to its caller."""

    usual_event: ClassVar[str | None] = None
    """The type of most events of a stream: a tally does not count them, for they are what the others leave of all."""

    streams_lines: ClassVar[bool] = False
    """Whether a stream of it is lines of JSON rather than events."""

    replays: ClassVar[bool] = False
    """Whether it gives an answer that was made before, so that none of its content is a first token."""

    tells_contents: ClassVar[bool] = True
    """Whether its tally says what each chunk carries."""

    @property
    def response_id(self) -> str | None:
        """The answer that the request is about, where it is about an earlier one."""
        return None

    @abstractmethod
    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        """What the caller set. `asked` is the body of the request, or its query where it has no body."""

    def ask_for_usage(self, body: Mapping[str, object]) -> dict[str, object] | None:
        """A copy of a streaming request's body that asks for usage, or None where nothing needs asking."""
        del body
        return None

    def is_usage_only(self, chunk: object) -> bool:
        """Whether a chunk exists only because usage was asked for."""
        del chunk
        return False

    def hide_question(self, chunk: Any) -> None:
        """Takes out of a chunk what is in it, beside its own content, only because usage was asked for."""
        del chunk

    def is_progress(self, chunk: object) -> bool:
        """Whether a chunk says anything, rather than that the connection stands. What is not known says something."""
        return get(chunk, "type") not in KEEP_ALIVES

    def tally(self) -> Tally:
        """An empty tally for a new stream."""
        return NoTally()

    def tally_without_tools(self) -> Tally:
        """One of an answer to a request that offers no tools."""
        return self.tally()

    @abstractmethod
    def read_answer(self, answer: object) -> Reading:
        """What a whole answer says. `answer` is the SDK's object, or the decoded JSON of it."""


class NoTally:
    """For a stream where none is known: it says nothing, and any end is its end."""

    carries: int = NOTHING

    def note(self, chunk: Any) -> bool:
        del chunk
        return False

    def reading(self) -> Reading:
        return Reading(finished=True)
