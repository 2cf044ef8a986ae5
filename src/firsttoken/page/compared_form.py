"""The forms that ask for a comparison, filled with what is compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from firsttoken.page import figures
from firsttoken.page.chips import Chip, chips
from firsttoken.page.filled import Filled
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.question import BadQuestion, CallsQuestion, is_count, read_selection, selection_parameters
from firsttoken.semconv.context import short_name
from firsttoken.store import Selection

SIDES: Final = ("a", "b")
SHORT: Final = ("by", *SIDES)
"""Two values of one attribute, as a form can say them."""
FIELDS: Final = ("since", "until", "model", "search")
"""What each side has a field for; all else that is asked of it is a condition to drop."""
TIMES: Final = (".since", ".until")
Both = tuple[Selection, Selection]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareForm(Filled):
    """What both forms show."""

    by: str = ""
    """The attribute in which alone the sides differ, and what it says in each; empty where they differ otherwise."""
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    kept: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else is asked of the sides, for the form of two values."""

    def said(self, name: str) -> str:
        """What stands in a field of a side, such as `a.since`: as it was said, but a count of nanoseconds as a date."""
        word = self.typed.get(name, "")
        return figures.iso(int(word)) or word if name.endswith(TIMES) and is_count(word) else word


def both_sides(parameters: Mapping[str, str]) -> Both:
    """Raises BadQuestion, about parameters as they are named here."""
    for name in parameters:
        if name not in SHORT and not name.startswith(tuple(f"{side}." for side in SIDES)):
            raise BadQuestion(f"there is no parameter {name!r} here: use a.NAME and b.NAME, or by, a and b", name)
    a, b = (_side(f"{side}.", parameters) for side in SIDES)
    return a, b


def _side(prefix: str, parameters: Mapping[str, str]) -> Selection:
    asked = {name.removeprefix(prefix): value for name, value in parameters.items() if name.startswith(prefix)}
    try:
        return read_selection(asked)
    except BadQuestion as error:
        raise BadQuestion(f"{prefix[0].upper()}: {error}", *(prefix + name for name in error.about)) from None


def compare_form(a: Selection, b: Selection, parameters: Mapping[str, str], mistakes: Mapping[str, str]) -> CompareForm:
    """`parameters` are as they were sent."""
    typed = {name: value for name, value in parameters.items() if name.partition(".")[2] in FIELDS}
    by = [name for name in a.where if name in b.where and a.where[name] != b.where[name]]
    if len(by) != 1 or replace(a, where=b.where) != b or a.where.keys() != b.where.keys():
        return CompareForm(typed=typed, mistakes=mistakes)
    return CompareForm(
        typed=typed,
        mistakes=mistakes,
        by=short_name(by[0]),
        values={side: each.where[by[0]] for side, each in zip(SIDES, (a, b), strict=True)},
        kept=_parameters(_without(a, by[0]), _without(b, by[0])),
    )


def _without(side: Selection, name: str) -> Selection:
    return replace(side, where={each: value for each, value in side.where.items() if each != name})


def _parameters(a: Selection, b: Selection) -> dict[str, str]:
    return selection_parameters(a, "a.") | selection_parameters(b, "b.")


def conditions(side: Selection) -> list[Chip]:
    """What is asked of a side that it has no field for."""
    return chips(ListQuestion(CallsQuestion(selection=side)), but=FIELDS)
