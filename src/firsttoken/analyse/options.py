"""What every answer can be asked with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from firsttoken.store.selection import EVERYTHING, Selection

AtMost = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""How many of something are wanted."""
Seconds = Annotated[int, Field(ge=1, le=10**9)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """About which calls, and apart by what."""

    selection: Selection = EVERYTHING
    group_by: tuple[str, ...] = ()
    """Names that `store.call_names` lists, or any attribute's."""

    def selections(self) -> tuple[Selection, ...]:
        """All that have to have calls, for the answer to be one."""
        return (self.selection,)


Group = tuple[str | None, ...]
"""What the calls of one row have in common: a value for each name of `group_by`, None where they do not say."""
