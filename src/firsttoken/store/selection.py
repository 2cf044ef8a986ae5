"""Which calls an answer is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Between:
    """A figure of a call that is at least so much, and below so much. A call that does not know it is not meant."""

    name: str
    """One of `store.call_names.FIGURES`, such as `first_token`, in seconds where that is a time."""
    at_least: float | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The calls that meet all of this. What is None or empty asks for nothing."""

    since_unix_ns: int | None = None
    """Started then or later."""
    until_unix_ns: int | None = None
    """Started earlier than that."""
    run_id: str | None = None
    """The `firsttoken run` that the calls belong to."""
    models: tuple[str, ...] = ()
    """One of these, where `*` stands for any letters: the model asked for, or the one that answered where none was."""
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    """What attributes say, by any name that `store.scope` knows."""
    without: tuple[str, ...] = ()
    """Attributes, by the same names, of which a call says nothing."""
    between: tuple[Between, ...] = ()
    search: str | None = None
    """A text that the call has somewhere, in any case of letters."""


EVERYTHING: Final = Selection()
