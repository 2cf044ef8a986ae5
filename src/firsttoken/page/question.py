"""What an address asks for: its parameters, checked. Whatever cannot be understood is refused, never guessed."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Final, Self, cast
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from firsttoken.analyse import Cursor
from firsttoken.analyse.asking import OptionsT
from firsttoken.analyse.moment import AGO, unix_ns
from firsttoken.semconv.context import FIELDS, attribute_named
from firsttoken.store import EVERYTHING, Between, Selection
from firsttoken.store.call_names import FIGURES, KNOWN

DEFAULT_LIMIT: Final = 100
LARGEST_LIMIT: Final = 1000
LARGEST_INTEGER: Final = 2**63 - 1
LONGEST_COUNT: Final = len(str(LARGEST_INTEGER))
LONGEST_RUN_ID: Final = 200
WHERE: Final = "where."
"""What stands before the name of an attribute in an address: `where.feature=search`."""
WITHOUT: Final = "without."
"""What stands before the name of an attribute that the calls do not have: `without.user=yes`."""
YES: Final = "yes"
LONGEST_CONDITION: Final = 1000
MOST_CONDITIONS: Final = 20
AT_LEAST: Final = "at_least."
BELOW: Final = "below."
"""What stand before the name of a figure: `at_least.first_token=1.5`."""
PREFIXES: Final = (WHERE, WITHOUT, AT_LEAST, BELOW)
SELECTING: Final = ("since", "until", "run", "model", "search")
"""Beside conditions. Times are nanoseconds of the Unix epoch, or what `analyse.moment` reads, such as `15m` for those
that are at most so long ago. Models stand with commas between them."""
OPTIONS: Final = "options"
"""The parameter with what an answer is asked with, as a JSON object."""
CURSOR: Final = re.compile(r"([0-9]{1,19})-([0-9a-f]+)", re.ASCII)
CALL_LETTERS: Final = 48
"""Of the ids of a call: its trace's and its own."""
TRACE_LETTERS: Final = 32


class BadQuestion(ValueError):
    """What cannot be understood. The message is one line for the person who asked."""

    def __init__(self, message: str, *about: str) -> None:
        super().__init__(message)
        self.about = about
        """The parameters that it is about: without them, the rest may be understood."""


@dataclass(frozen=True, slots=True)
class CallsQuestion:
    """Some of the calls, the newest first."""

    limit: int = DEFAULT_LIMIT
    before: Cursor | None = None
    selection: Selection = EVERYTHING

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, also: Collection[str] = ()) -> Self:
        """`also` are parameters of a view's own. Raises BadQuestion."""
        selection = read_selection(parameters, also=("limit", "before", *also))
        limit = read_integer(parameters, "limit", 1, LARGEST_LIMIT) or DEFAULT_LIMIT
        return cls(limit, read_cursor(parameters), selection)

    def address(self, path: str = "/", before: Cursor | None = None) -> str:
        """Where the same question is answered, from another place on."""
        return address_of(
            path,
            self.selection,
            limit=None if self.limit == DEFAULT_LIMIT else str(self.limit),
            before=cursor_word(before),
        )


def read_selection(parameters: Mapping[str, str], *, also: Collection[str] = ()) -> Selection:
    """The calls that a view is about. `also` are parameters of its own. Raises BadQuestion."""
    _refuse_others(parameters, {*also, *SELECTING})
    return Selection(
        since_unix_ns=_read_moment(parameters, "since"),
        until_unix_ns=_read_moment(parameters, "until"),
        run_id=_read_run(parameters),
        models=tuple(parameters["model"].split(",")) if parameters.get("model") else (),
        where=_read_where(parameters),
        without=_read_without(parameters),
        between=_read_between(parameters),
        search=_read_search(parameters),
    )


def selection_parameters(selection: Selection, prefix: str = "") -> dict[str, str]:
    """What `read_selection` reads, each name with the prefix before it."""
    parameters: dict[str, str | int | None] = {
        "since": selection.since_unix_ns,
        "until": selection.until_unix_ns,
        "run": selection.run_id,
        "model": ",".join(selection.models) or None,
        "search": selection.search,
        **where_parameters(selection.where),
        **{WITHOUT + name: YES for name in selection.without},
        **_bound_parameters(selection.between),
    }
    return {prefix + name: str(value) for name, value in parameters.items() if value is not None}


def address_of(path: str, selection: Selection, **more: str | None) -> str:
    """Where a view is about these calls, asked with more parameters, which count for more; but for those of None."""
    own = {name: value for name, value in more.items() if value is not None}
    given = {**own, **selection_parameters(selection), **own}
    return f"{path}?{urlencode(given)}" if given else path


def ago_of(parameters: Mapping[str, str]) -> str | None:
    """How long ago the first call may be, where the parameters say it so."""
    since = parameters.get("since", "").strip().lower()
    return since if since.isascii() and AGO.fullmatch(since) else None


@dataclass(frozen=True, slots=True)
class Subject:
    """The calls that a view is about, and how their time was said."""

    selection: Selection = EVERYTHING
    ago: str | None = None
    """How long ago the first of them may be, where the address says it so: it goes on with the clock."""

    @classmethod
    def read(cls, parameters: Mapping[str, str], *, also: Collection[str] = ()) -> Self:
        """`also` are parameters of the view's own. Raises BadQuestion."""
        return cls(read_selection(parameters, also=also), ago_of(parameters))

    @property
    def parameters(self) -> dict[str, str]:
        return {**selection_parameters(self.selection), **({} if self.ago is None else {"since": self.ago})}

    def address(self, path: str, **more: str | None) -> str:
        """Where a view is asked for the same calls, at whatever time."""
        return address_of(path, self.selection, since=self.ago, **more)


def compare_address(a: Selection, b: Selection, path: str = "/compare") -> str:
    """Where two selections stand side by side."""
    given = {**selection_parameters(a, "a."), **selection_parameters(b, "b.")}
    return f"{path}?{urlencode(given)}" if given else path


def read_options(options: type[OptionsT], parameters: Mapping[str, str]) -> OptionsT:
    """What an answer is asked with: a JSON object under `options`, whose members are its fields. The calls it is about
    may be told as in the address of a view, too. Raises BadQuestion."""
    selection = read_selection(parameters, also={OPTIONS})
    told = parameters.get(OPTIONS, "{}")
    members = _members(told)
    if unknown := members - {field.name for field in fields(options)}:
        raise BadQuestion(f"options has no {min(unknown)!r} here")
    if "selection" in members and selection != EVERYTHING:
        raise BadQuestion("the calls are told twice, in options and beside it: leave one of them out")
    try:
        asked = TypeAdapter(options).validate_json(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadQuestion(f"{'.'.join(map(str, first['loc'])) or OPTIONS}: {first['msg']}") from error
    return asked if selection == EVERYTHING else replace(asked, selection=selection)


def _members(told: str) -> set[str]:
    """The names in a JSON object."""
    try:
        value = from_json(told)
    except ValueError as error:
        raise BadQuestion(f"{OPTIONS}: {error}") from error
    if not isinstance(value, dict):
        raise BadQuestion(f"{OPTIONS} must be a JSON object")
    return set(cast("dict[str, object]", value))


def where_parameters(where: Mapping[str, str]) -> dict[str, str]:
    """A field of a context goes under its own name, any other attribute after a prefix."""
    return {FIELDS.get(name, WHERE + name): value for name, value in where.items()}


def _bound_parameters(bounds: tuple[Between, ...]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for each in bounds:
        for prefix, bound in ((AT_LEAST, each.at_least), (BELOW, each.below)):
            if bound is not None:
                parameters[prefix + each.name] = repr(bound)
    return parameters


def _refuse_others(parameters: Mapping[str, str], known: set[str]) -> None:
    for name in parameters:
        if name not in known and not _is_condition(name):
            raise BadQuestion(f"there is no parameter {name!r} here: {_usable(name, known)}", name)


def _usable(name: str, known: set[str]) -> str:
    if name in KNOWN:
        return f"use {WHERE}{name}"
    return f"use {', '.join([*sorted(known), *(f'{prefix}NAME' for prefix in PREFIXES)])}"


def read_integer(parameters: Mapping[str, str], name: str, lowest: int, highest: int) -> int | None:
    word = parameters.get(name)
    if word is None:
        return None
    if word.isascii() and word.isdigit() and len(word) <= len(str(highest)) and lowest <= int(word) <= highest:
        return int(word)
    raise BadQuestion(f"{name}={word!r} is not a whole number from {lowest} to {highest}", name)


def is_count(word: str) -> bool:
    """Whether it is a count of nanoseconds that a column can have."""
    return word.isascii() and word.isdigit() and len(word) <= LONGEST_COUNT and int(word) <= LARGEST_INTEGER


def _read_moment(parameters: Mapping[str, str], name: str) -> int | None:
    word = parameters.get(name)
    if not word:
        return None
    if is_count(word):
        return int(word)
    try:
        return unix_ns(word, datetime.now(UTC))
    except ValueError as error:
        raise BadQuestion(f"{name}: {error}, nor a count of nanoseconds", name) from None


def read_cursor(parameters: Mapping[str, str], letters: int = CALL_LETTERS) -> Cursor | None:
    """A moment and ids of so many letters. Raises BadQuestion."""
    word = parameters.get("before")
    if word is None:
        return None
    found = CURSOR.fullmatch(word)
    if found is None or int(found[1]) > LARGEST_INTEGER or len(found[2]) != letters:
        raise BadQuestion(f"before={word!r} is not a place in the list: follow its link to what is older", "before")
    return (int(found[1]), found[2])


def cursor_word(cursor: Cursor | None) -> str | None:
    """As `read_cursor` reads it."""
    return None if cursor is None else f"{cursor[0]}-{cursor[1]}"


def _read_run(parameters: Mapping[str, str]) -> str | None:
    word = parameters.get("run")
    if word is None:
        return None
    if not 0 < len(word) <= LONGEST_RUN_ID:
        raise BadQuestion(f"run must be the id of a run, of 1 to {LONGEST_RUN_ID} characters", "run")
    return word


def _read_search(parameters: Mapping[str, str]) -> str | None:
    """Nothing looked for is no condition: a search field that was emptied sends an empty text."""
    text = parameters.get("search")
    if text is not None and len(text) > LONGEST_CONDITION:
        raise BadQuestion(f"search must be a text of at most {LONGEST_CONDITION} characters", "search")
    return text or None


def _read_between(parameters: Mapping[str, str]) -> tuple[Between, ...]:
    """By figure, in the order of their first mention."""
    bounds: dict[str, dict[str, float]] = {}
    for name, value in parameters.items():
        for prefix, bound in ((AT_LEAST, "at_least"), (BELOW, "below")):
            if name.startswith(prefix):
                figure = name.removeprefix(prefix)
                if figure not in FIGURES:
                    message = f"{figure!r} is no figure of a call: use one such as first_token, total or cost"
                    raise BadQuestion(message, name)
                bounds.setdefault(figure, {})[bound] = _read_number(name, value, _lowest(figure))
    for figure, found in bounds.items():
        at_least, below = found.get("at_least"), found.get("below")
        if at_least is not None and below is not None and at_least >= below:
            message = f"no {figure} is at least {at_least:g} and below {below:g}"
            raise BadQuestion(message, AT_LEAST + figure, BELOW + figure)
    return tuple(Between(figure, **found) for figure, found in bounds.items())


def _lowest(figure: str) -> float:
    """What was asked for may be less than 0, such as a penalty; nothing that was counted or measured is."""
    return -math.inf if figure.removeprefix("gen_ai.").startswith("request.") else 0


def _read_number(name: str, word: str, lowest: float) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if math.isfinite(number) and number >= lowest:
        return number
    raise BadQuestion(f"{name}={word!r} is not a number" + ("" if lowest else " from 0 on"), name)


def _read_where(parameters: Mapping[str, str]) -> dict[str, str]:
    """By the attribute's full name."""
    asked = {name.removeprefix(WHERE): value for name, value in parameters.items() if _is_attribute(name)}
    for name, value in asked.items():
        if not 0 < len(name) <= LONGEST_CONDITION or len(value) > LONGEST_CONDITION:
            message = f"a condition must be name=value, each of at most {LONGEST_CONDITION} characters"
            raise BadQuestion(message, name if name in parameters else WHERE + name)
    _refuse_more([name for name in parameters if _is_attribute(name)])
    return {attribute_named(name): value for name, value in asked.items()}


def _refuse_more(asked: Sequence[str]) -> None:
    if len(asked) > MOST_CONDITIONS:
        raise BadQuestion(f"there are more than {MOST_CONDITIONS} conditions: leave some out", *asked[MOST_CONDITIONS:])


def _read_without(parameters: Mapping[str, str]) -> tuple[str, ...]:
    asked = {name.removeprefix(WITHOUT): value for name, value in parameters.items() if name.startswith(WITHOUT)}
    for name, value in asked.items():
        if not 0 < len(name) <= LONGEST_CONDITION or value != YES:
            raise BadQuestion(f"a condition on what calls do not say must be {WITHOUT}NAME={YES}", WITHOUT + name)
    _refuse_more([WITHOUT + name for name in asked])
    return tuple(map(attribute_named, asked))


def _is_condition(name: str) -> bool:
    return name in FIELDS or name.startswith(PREFIXES)


def _is_attribute(name: str) -> bool:
    return name in FIELDS or name.startswith(WHERE)
