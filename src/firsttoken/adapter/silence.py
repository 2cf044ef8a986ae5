"""How long a stream has been silent: the time that its reader has waited since the model last got anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from firsttoken.adapter.events import (
    Event,
    Finished,
    Other,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolArgumentDelta,
    UsageReported,
)


def says_something(event: Event) -> bool:
    """Whether an event is progress: a keep-alive is none, and neither is an empty piece."""
    match event:
        case Other():
            return False
        case TextDelta() | RefusalDelta() | ReasoningDelta():
            return bool(event.text)
        case ToolArgumentDelta():
            return bool(event.arguments)
        case _:
            return True


def is_content(event: Event) -> bool:
    """Whether it is part of the answer itself."""
    return says_something(event) and not isinstance(event, UsageReported | Finished)


class Silence:
    """The time that the reader himself takes over an event is no silence. Knows no thread; times are nanoseconds."""

    __slots__ = ("_asked", "_before", "_clock", "limit_ns")

    def __init__(self, limit_ns: int, clock: Callable[[], int]) -> None:
        self.limit_ns = limit_ns
        self._clock = clock
        self._before = 0
        """Waited in vain before the wait that is on."""
        self._asked = 0
        """Since when the reader waits; 0 is "he does not"."""

    def begins(self) -> None:
        """The reader begins to wait."""
        self._asked = self._clock()

    def ends(self, events: Iterable[Event]) -> None:
        """He got these."""
        waited_ns, self._asked = self._clock() - self._asked, 0
        self._before = 0 if any(map(says_something, events)) else self._before + waited_ns

    def breaks(self) -> None:
        """Something of substance came, whatever was waited before."""
        self._before = self._asked = 0

    def left_ns(self) -> int:
        """How much longer it may last: 0 or less when it has been too long."""
        asked = self._asked
        waiting_ns = self._clock() - asked if asked else 0
        return self.limit_ns - self._before - waiting_ns
