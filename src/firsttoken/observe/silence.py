"""How long a stream says nothing new: worked out off the caller's path, and told while it lasts.

What a chunk holds is looked at seldom: the background asks for it now and then, by a look at the next chunks, until one
of them is progress. So nothing is added to what an ordinary chunk costs its caller.
"""

from __future__ import annotations

from typing import Final, Literal

from firsttoken.call import Stall

Stage = Literal["before_content", "mid_stream"]

MOST_STALLS: Final = 100
"""How many are kept with their moments. All are counted."""


class Silence:
    """Of one stream. Times are readings of its recording's clock."""

    __slots__ = (
        "_told",
        "_waited",
        "count",
        "keep_alives",
        "patience",
        "since",
        "stages",
        "stalls",
        "told_since",
        "total",
    )

    def __init__(self, patience: int, since: int) -> None:
        self.patience = patience
        """How long a wait may be before it is a stall."""
        self.since = since
        """When the last progress was made."""
        self.keep_alives: set[int] = set()
        """When chunks arrived that were looked at and were no progress. Added to on the caller's path."""
        self.count = 0
        self.total = 0
        self.stalls: list[Stall] = []
        """The first of them. Their beginnings are readings of the clock too."""
        self.stages: dict[str, int] = {}
        self.told_since = 0
        """The beginning of the silence that was told while it lasted."""
        self._waited = 0
        self._told: dict[str, int] = {}

    def take(self, marks: list[int], longest: int, first_token: int) -> None:
        """Takes marks in as `Pace` does, of which the longest wait is `longest`."""
        if not self.keep_alives and self._waited + longest < self.patience:
            self._waited, self.since = 0, marks[-1 - len(marks) % 2]
            return
        for index in range(1, len(marks), 2):
            arrived = marks[index]
            self._waited += arrived - marks[index - 1]
            if arrived in self.keep_alives:
                self.keep_alives.discard(arrived)
            else:
                self._progress(arrived, first_token)

    def end(self, waited: int, first_token: int) -> None:
        """The stream has ended, after a last wait for which nothing came."""
        self._waited += waited
        self._progress(self.since, first_token)

    def _progress(self, now: int, first_token: int) -> None:
        if self._waited >= self.patience:
            self.count += 1
            self.total += self._waited
            stage = stage_of(self.since, first_token)
            self.stages[stage] = self.stages.get(stage, 0) + 1
            if len(self.stalls) < MOST_STALLS:
                self.stalls.append(Stall(self.since, self._waited))
        self._waited, self.since = 0, now

    def lasts(self, marks: list[int], now: int) -> bool:
        """Whether the caller now waits for too long, which is said once of each silence. `marks` is a copy."""
        if len(marks) % 2 == 0:
            return False
        waited, since = now - marks[-1], self.since
        for index in range(len(marks) - 2, 0, -2):
            if marks[index] not in self.keep_alives:
                since = marks[index]
                break
            waited += marks[index] - marks[index - 1]
        else:
            waited += self._waited
        if waited < self.patience or since == self.told_since:
            return False
        self.told_since = since
        return True

    def tell(self, stage: Stage) -> None:
        """Notes that one was told while it lasted."""
        self._told[stage] = self._told.get(stage, 0) + 1

    def untold(self) -> dict[str, int]:
        """Those of the ended stream that were not."""
        left = {stage: number - self._told.get(stage, 0) for stage, number in self.stages.items()}
        return {stage: number for stage, number in left.items() if number > 0}


def stage_of(since: int, first_token: int) -> Stage:
    return "mid_stream" if first_token and since >= first_token else "before_content"
