"""The conditions of an address in words, each with what is asked without it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from firsttoken.page import figures
from firsttoken.page.list_question import OWN, ListQuestion
from firsttoken.page.question import AT_LEAST, BELOW, WHERE, WITHOUT
from firsttoken.store.call_names import FIGURES

NOT_CONDITIONS: Final = {*OWN, "limit"}
FAILED: Final = WHERE + "failed"
UNITS: Final = {"s": "s", "m": "min", "h": "h", "d": "days", "w": "weeks"}


class Chip(NamedTuple):
    """One condition: what it is about, and what it asks of that."""

    name: str
    value: str
    rest: ListQuestion
    """All that is asked but this."""

    @property
    def words(self) -> str:
        return f"{self.name} {self.value}".strip()


def chips(question: ListQuestion, *, but: Collection[str] = ()) -> list[Chip]:
    """In the order of the address, `but` those of some parameters."""
    left_out = {*NOT_CONDITIONS, *but}
    found = ((each, _words(each, value)) for each, value in question.parameters.items() if each not in left_out)
    return [Chip(*words, question.without(each)) for each, words in found]


def _words(parameter: str, value: str) -> tuple[str, str]:
    if (parameter, value) == (FAILED, "true"):
        return "only failed", ""
    if (written := PLAIN.get(parameter)) is not None:
        return parameter, written(value)
    for prefix, of_rest in PREFIXED.items():
        if parameter.startswith(prefix):
            return of_rest(parameter.removeprefix(prefix), value)
    return parameter, value


def _since(word: str) -> str:
    return f"{word[:-1]} {UNITS[word[-1]]} ago" if word[-1] in UNITS else _moment(word)


def _moment(word: str) -> str:
    return f"{figures.day(int(word))} {figures.clock(int(word))[:8]}"


def _bound(relation: str) -> Callable[[str, str], tuple[str, str]]:
    def words(figure: str, value: str) -> tuple[str, str]:
        known = FIGURES[figure]
        number = figures.duration_s(float(value)) if known.is_seconds else f"{float(value):g}"
        return figure.replace("_", " "), f"{relation} {number}"

    return words


PLAIN: Final[Mapping[str, Callable[[str], str]]] = {
    "since": _since,
    "until": _moment,
    "search": lambda text: f"“{text}”",
}
PREFIXED: Final[Mapping[str, Callable[[str, str], tuple[str, str]]]] = {
    WHERE: lambda name, value: (name, value),
    WITHOUT: lambda name, _: ("no", name),
    AT_LEAST: _bound("≥"),
    BELOW: _bound("<"),
}
