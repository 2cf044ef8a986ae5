"""The time that a view is about, and the time before, that its figures are held against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from firsttoken.analyse.columns import integer_or_none
from firsttoken.page.question import Subject
from firsttoken.page.ranges import DAY_NS, RANGES
from firsttoken.store import EVERYTHING, LiveWarehouse, Reader, Selection


class Choice(NamedTuple):
    """One range: its name, what is asked for with it, and whether it is the one shown."""

    name: str
    asked: Subject
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Period:
    """Of a view that was asked about some calls."""

    selection: Selection
    """Those asked for; of the last day where no time was."""
    first_unix_ns: int | None
    """When the first call of all in the store started. None in an empty store."""
    end_unix_ns: int
    """When the period is over, or the newest call has started: the first moment after it."""
    is_outrun: bool
    """Whether calls of the future are left out, which were asked for: a clock that is wrong makes them."""
    asked: Subject
    """As the address says it: other views, and this one in another order, are asked the same."""
    now_unix_ns: int

    @property
    def is_empty(self) -> bool:
        return self.first_unix_ns is None

    @property
    def since_unix_ns(self) -> int:
        """When the period begins: with the first call, where it has no other beginning."""
        return self.selection.since_unix_ns or self.first_unix_ns or 0

    @property
    def told_until_unix_ns(self) -> int:
        """Its end as a reader is told it: now, where no call has started since it began."""
        return self.end_unix_ns if self.end_unix_ns > self.since_unix_ns else max(self.now_unix_ns, self.since_unix_ns)

    @property
    def bounded(self) -> Selection:
        """The same calls, also when more of them have come."""
        return replace(self.selection, since_unix_ns=self.since_unix_ns, until_unix_ns=self.end_unix_ns)

    @property
    def before(self) -> Selection | None:
        """The same calls of as long a time before. None where the period begins with the first call."""
        since, first = self.selection.since_unix_ns, self.first_unix_ns
        if not since or first is None or since <= first or since >= self.end_unix_ns:
            return None
        return replace(self.selection, since_unix_ns=max(0, since - (self.end_unix_ns - since)), until_unix_ns=since)

    @property
    def is_recorded_before(self) -> bool:
        """Whether calls were recorded through all of the time before: else a sum of it says nothing."""
        before = self.before
        return before is not None and (self.first_unix_ns or 0) <= (before.since_unix_ns or 0)

    def choices(self) -> Iterator[Choice]:
        """Each ends now, or with the newest call where that is longer ago than the range is long."""
        since, goes_on = self.selection.since_unix_ns, self.selection.until_unix_ns is None
        for each in RANGES:
            beginning = max(0, self.end_unix_ns - each.length_ns)
            is_shown = since == beginning if self.asked.ago is None else self.asked.ago == each.ago
            ago = each.ago if goes_on and self.end_unix_ns > self.now_unix_ns - each.length_ns else None
            yield Choice(each.name, Subject(replace(self.selection, since_unix_ns=beginning), ago), is_shown)
        yield Choice("All", Subject(replace(self.selection, since_unix_ns=0, until_unix_ns=None)), not since)


def period_of(store: LiveWarehouse, question: Subject, now_unix_ns: int) -> Period:
    """Raises SelectionError and StoreError. A call of tomorrow, which a wrong clock makes, moves no period."""
    asked = question.selection
    with store.read() as reader:
        first, last = _times(reader)
        is_ahead = asked.until_unix_ns is None and last is not None and last >= now_unix_ns
        is_outrun = is_ahead and _goes_on(reader, asked, now_unix_ns)
    end = asked.until_unix_ns
    if end is None:
        end = now_unix_ns if last is None or is_ahead else last + 1
    has_time = asked.since_unix_ns is not None or asked.until_unix_ns is not None
    is_longer = first is not None and first < end - DAY_NS
    shown = asked if has_time or not is_longer else replace(asked, since_unix_ns=end - DAY_NS)
    return Period(shown, first, end, is_outrun, question, now_unix_ns)


def _times(reader: Reader, selection: Selection = EVERYTHING) -> tuple[int | None, int | None]:
    """When the first of these calls started, and the last."""
    (times,) = reader.ask("call_times", None, selection)
    return integer_or_none(times, "first_unix_ns"), integer_or_none(times, "last_unix_ns")


def _goes_on(reader: Reader, asked: Selection, moment_ns: int) -> bool:
    """Whether some of these calls started then or later."""
    _, last = _times(reader, replace(asked, since_unix_ns=max(asked.since_unix_ns or 0, moment_ns)))
    return last is not None


def timeless(selection: Selection) -> Selection:
    """What is asked of the calls beside their time."""
    return replace(selection, since_unix_ns=None, until_unix_ns=None)
