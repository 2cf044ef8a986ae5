"""The form over the list: what it offers, and the address that it leads to. It works without any script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from firsttoken.analyse.moment import unix_ns
from firsttoken.page.chips import FAILED, Chip, chips
from firsttoken.page.filled import Filled, understood
from firsttoken.page.list_question import ORDERS, ListQuestion
from firsttoken.page.question import (
    AT_LEAST,
    BELOW,
    WHERE,
    BadQuestion,
    CallsQuestion,
    Subject,
    is_count,
    where_parameters,
)
from firsttoken.page.ranges import RANGES
from firsttoken.semconv.context import FIELDS, attribute_named

ORDER_WORDS: Final = {
    "newest": "Newest first",
    "slowest": "Slowest first",
    "costliest": "Costliest first",
    "stalled": "Longest stalled first",
    "gap": "Largest gap first",
}
NAMES: Final = (
    *("model", "provider", "service", "outcome", "user", "session", "feature", "operation", "category", "tier"),
    *("agent", "tags", "run", "stream"),
)
"""What is offered to filter and to group by, before the data are asked for more."""
FIGURES: Final = {
    "first_token": "First token, s",
    "total": "Duration, s",
    "stalled": "Stalled in all, s",
    "largest_gap": "Largest gap, s",
    "headers": "Headers, s",
    "input_tokens": "Tokens in",
    "output_tokens": "Tokens out",
    "stalls": "Stalls",
    "resends": "Retries",
    "cost": "Cost",
}
DIRECT: Final = ("model", "run")
"""Names that are parameters themselves."""
TIMES: Final = {"from": "since", "to": "until"}
"""Fields of a time, and what they ask for."""
FIELDS_OF_FORM: Final = {"range", "from", "to", "failed", "name", "value", "figure", "at_least", "below"}
SHOWN: Final = {"search", "first", "by", FAILED}
"""Parameters that have a field of their own; all others are carried along unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindForm(Filled):
    """What the form shows for a question."""

    range: str
    """How long ago, empty for all time, or `between`."""
    since: str
    """As a field for a date and time takes it; empty for none. Of a time ago, when that was: to hold it fast."""
    until: str
    search: str
    by: str
    first: str
    failed: bool
    unseen: Mapping[str, str]


def find_form(question: ListQuestion) -> FindForm:
    selection = question.selection
    since = _written(selection.since_unix_ns)
    until = _written(selection.until_unix_ns)
    return FindForm(
        range=question.ago or ("between" if since or until else ""),
        since=since,
        until=until,
        search=selection.search or "",
        by=question.by or "",
        first=question.first,
        failed=question.parameters.get(FAILED) == "true",
        unseen={name: value for name, value in question.parameters.items() if name not in SHOWN},
    )


def narrowing_form(asked: Subject) -> FindForm:
    """The same for a view that is not the list."""
    return find_form(_listed(asked))


def chips_of(asked: Subject, *, timed: bool) -> list[Chip]:
    """The conditions of such a view; those on the time of its calls only where it has no choice for them."""
    return chips(_listed(asked), but=() if timed else ("since", "until"))


def _listed(asked: Subject) -> ListQuestion:
    return ListQuestion(CallsQuestion(selection=asked.selection), ago=asked.ago)


def found_question(form: Mapping[str, str]) -> ListQuestion:
    """What somebody asks for who sends the form. Raises BadQuestion, about fields of it."""
    given = {name: value.strip() for name, value in form.items() if value.strip()}
    parameters = {name: value for name, value in given.items() if name not in FIELDS_OF_FORM}
    parameters |= {name: form[name] for name in ("search",) if form.get(name)}
    kept = {name: parameters.pop(name, "") for name in ("since", "until")}
    fields: dict[str, tuple[str, ...]] = {}
    if form.get("range") == "" and any(kept.values()):  # all time was chosen; its fields still show the time before
        given = {name: value for name, value in given.items() if name not in TIMES}
    for asking, found in _asked_by_fields(given, kept):
        parameters |= found
        fields |= dict.fromkeys(found, asking)
    try:
        return ListQuestion.read(parameters)
    except BadQuestion as error:
        about = (name for each in error.about for name in fields.get(each, (each,)))
        raise BadQuestion(str(error), *about) from None


def filled_in(form: Mapping[str, str]) -> tuple[ListQuestion, FindForm]:
    """What is asked for as far as it can be understood, and the form with the rest. Raises BadQuestion."""
    question, mistakes = understood(found_question, form)
    typed = {name: form[name] for name in (*mistakes, "figure") if name in form}
    return question, replace(find_form(question), typed=typed, mistakes=mistakes)


def _asked_by_fields(
    given: Mapping[str, str], kept: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Parameters, and the fields that ask for them together. `kept` is the time as it was. Raises BadQuestion."""
    if "failed" in given:
        yield ("failed",), {FAILED: "true"}
    if given.get("range", "between") != "between":
        yield ("range",), {"since": given["range"]}
    else:
        for name, parameter in TIMES.items():
            if name in given:
                yield (name,), {parameter: _moment(name, given[name], kept[parameter])}
    yield ("name", "value"), _attribute(given)
    for name, prefix in (("at_least", AT_LEAST), ("below", BELOW)):
        if name in given:
            if "figure" not in given:
                raise BadQuestion("a bound needs the figure that it is of", name)
            yield (name,), {prefix + given["figure"]: given[name]}


def _moment(name: str, word: str, kept: str) -> str:
    """What it was, where the field still says so: it says no more than seconds."""
    return kept if is_count(kept) and _written(int(kept)) == word else str(_read_moment(name, word))


def _attribute(given: Mapping[str, str]) -> dict[str, str]:
    name, value = given.get("name"), given.get("value")
    if name is None and value is None:
        return {}
    if name is None or value is None:
        raise BadQuestion("a filter needs both an attribute and a value", "name", "value")
    if name in DIRECT:
        return {name: value}
    if name in FIELDS:
        return where_parameters({attribute_named(name): value})
    return {WHERE + name: value}


def _read_moment(name: str, word: str) -> int:
    try:
        return unix_ns(word, datetime.now(UTC))
    except ValueError as error:
        raise BadQuestion(f"{name}: {error}", name) from None


def _written(moment_ns: int | None) -> str:
    """In the zone of this machine, as all times of the page."""
    if moment_ns is None:
        return ""
    moment = datetime.fromtimestamp(moment_ns // 1_000_000_000, UTC).astimezone()
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


OFFERED: Final = {
    "ranges": {each.ago: each.words for each in RANGES},
    "orders": {first: ORDER_WORDS[first] for first in ORDERS},
    "figures": FIGURES,
    "names": NAMES,
}
