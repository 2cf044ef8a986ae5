"""A part of a page that is asked for when its turn comes: a problem with it is said in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from firsttoken.errors import SelectionError, StoreError
from firsttoken.page.mistakes import said_of
from firsttoken.unseen import escaped, spelt_out

T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What was found, or why nothing could be."""

    found: T | None
    problem: str | None = None


def part(give: Callable[[], T]) -> Callable[[], Part[T]]:
    """Never raises what a store does: what is above it on the page was sent already."""

    def given() -> Part[T]:
        try:
            return Part(give())
        except (SelectionError, StoreError) as error:
            logger.warning("%s", spelt_out(str(error), escaped))
            return Part(None, said_of(error))

    return given
