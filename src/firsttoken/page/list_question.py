"""What the address of the list asks for: some of the calls, in which order, and by what they are told apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final, Self, cast, get_args
from urllib.parse import urlencode

from firsttoken.analyse import Cursor
from firsttoken.analyse.listing import First
from firsttoken.page.marks import of_group
from firsttoken.page.question import (
    LONGEST_CONDITION,
    BadQuestion,
    CallsQuestion,
    Subject,
    address_of,
    ago_of,
    cursor_word,
)
from firsttoken.store import EVERYTHING, Selection

ORDERS: Final = cast("tuple[First, ...]", get_args(First))
ALL_CALLS: Final = CallsQuestion()
OWN: Final = ("first", "by")
"""The parameters of the list beside those of any question about calls."""


MOST_GROUPS_EXPORTED: Final = 100_000


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """Some of the calls, in an order, or in groups."""

    calls: CallsQuestion = ALL_CALLS
    first: First = "newest"
    by: str | None = None
    """What the rows are groups by, in place of calls."""
    ago: str | None = None
    """How long ago the first of them may be, where the address says it so: it goes on with the clock."""

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, also: Collection[str] = ()) -> Self:
        """`also` are parameters of a view's own. Raises BadQuestion."""
        calls = CallsQuestion.read(parameters, also=(*OWN, *also))
        first, by = parameters.get("first", "newest"), parameters.get("by")
        if first not in ORDERS:
            raise BadQuestion(f"first={first!r} is no order: use {', '.join(ORDERS)}", "first")
        if by is not None and not 0 < len(by) <= LONGEST_CONDITION:
            raise BadQuestion(f"by must be the name of an attribute, of 1 to {LONGEST_CONDITION} characters", "by")
        question = cls(calls, first, by, ago_of(parameters))
        if calls.before is not None and not question.is_newest_first:
            raise BadQuestion("before is a place among the newest calls: leave it out in another order", "before")
        return question

    @property
    def selection(self) -> Selection:
        return self.calls.selection

    @property
    def asked(self) -> Subject:
        """The calls, for a view that is not the list."""
        return Subject(self.selection, self.ago)

    @property
    def is_newest_first(self) -> bool:
        """Whether new calls come on top."""
        return self.first == "newest" and self.by is None

    @property
    def parameters(self) -> dict[str, str]:
        """What asks the same again, from the beginning of the list."""
        own = {
            "limit": None if self.calls.limit == ALL_CALLS.limit else str(self.calls.limit),
            "first": None if self.first == "newest" else self.first,
            "by": self.by,
        }
        return {
            **self.asked.parameters,
            **{name: value for name, value in own.items() if value is not None},
        }

    def address(self, before: Cursor | None = None) -> str:
        """Of the list, from a place on."""
        return address_of("/", EVERYTHING, before=cursor_word(before), **self.parameters)

    @property
    def query(self) -> str:
        """The parameters as they stand in an address."""
        return urlencode(self.parameters)

    @property
    def exported(self) -> tuple[str, dict[str, object] | None]:
        """What leaves the list as a file, and what it is asked with beside its calls. The newest are all calls, in the
        order of the store: millions are not sorted for that."""
        if self.by is not None:
            return "groups", {"group_by": [self.by], "limit": MOST_GROUPS_EXPORTED}
        return "calls", None if self.first == "newest" else {"first": self.first}

    def without(self, *names: str) -> Self:
        """The same but for some parameters."""
        return self.read({name: value for name, value in self.parameters.items() if name not in names})

    def in_group(self, value: str | None) -> Self | None:
        """The calls of one group, not in groups; None for a value that is too long to be asked for.

        The value None is of those that do not say what they are told apart by.
        """
        if value is not None and len(value) > LONGEST_CONDITION:
            return None
        by = () if self.by is None else (self.by,)
        narrowed = replace(self.calls, selection=of_group(self.selection, by, (value,)))
        return replace(self, by=None, calls=narrowed)
