"""What an address asks for: its parameters, checked. Whatever cannot be understood is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlencode

from firsttoken.analyse import Cursor
from firsttoken.semconv.context import FIELDS, attribute_named

DEFAULT_LIMIT: Final = 100
LARGEST_LIMIT: Final = 1000
LARGEST_INTEGER: Final = 2**63 - 1
LONGEST_RUN_ID: Final = 200
WHERE: Final = "where."
"""What stands before the name of an attribute in an address: `where.feature=search`."""
LONGEST_CONDITION: Final = 1000
MOST_CONDITIONS: Final = 20
CURSOR: Final = re.compile(r"([0-9]{1,19})-([0-9a-f]{48})", re.ASCII)


class BadQuestion(ValueError):
    """A parameter that cannot be understood. The message is one line for the person who asked."""


@dataclass(frozen=True, slots=True)
class CallsQuestion:
    """Some of the calls, the newest first."""

    limit: int = DEFAULT_LIMIT
    before: Cursor | None = None
    run_id: str | None = None
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    """Only the calls whose attributes say this."""

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Raises BadQuestion."""
        _refuse_others(parameters, {"limit", "before", "run"})
        return cls(
            limit=_read_integer(parameters, "limit", 1, LARGEST_LIMIT, default=DEFAULT_LIMIT),
            before=_read_cursor(parameters),
            run_id=_read_run(parameters),
            where=_read_where(parameters),
        )

    def address(self, path: str = "/", before: Cursor | None = None) -> str:
        """Where the same question is answered, from another place on."""
        parameters: dict[str, str] = {}
        if self.limit != DEFAULT_LIMIT:
            parameters["limit"] = str(self.limit)
        if before is not None:
            parameters["before"] = f"{before[0]}-{before[1]}"
        if self.run_id is not None:
            parameters["run"] = self.run_id
        parameters |= where_parameters(self.where)
        return f"{path}?{urlencode(parameters)}" if parameters else path


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """Sums over the calls that started since then."""

    since_unix_ns: int | None = None
    run_id: str | None = None
    where: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Self:
        """Raises BadQuestion."""
        _refuse_others(parameters, {"since", "run"})
        since = _read_integer(parameters, "since", 0, LARGEST_INTEGER, default=-1)
        return cls(None if since < 0 else since, _read_run(parameters), _read_where(parameters))

    def address(self, path: str) -> str:
        """Where it is answered."""
        asked = {"since": self.since_unix_ns, "run": self.run_id, **where_parameters(self.where)}
        return f"{path}?{urlencode({name: value for name, value in asked.items() if value is not None})}"


def where_parameters(where: Mapping[str, str]) -> dict[str, str]:
    """A field of a context goes under its own name, any other attribute after a prefix."""
    return {FIELDS.get(name, WHERE + name): value for name, value in where.items()}


def _refuse_others(parameters: Mapping[str, str], known: set[str]) -> None:
    for name in parameters:
        if name not in known and not _is_condition(name):
            usable = ", ".join([*sorted(known), f"{WHERE}NAME"])
            raise BadQuestion(f"there is no parameter {name!r} here: use {usable}")


def _read_integer(parameters: Mapping[str, str], name: str, lowest: int, highest: int, *, default: int) -> int:
    word = parameters.get(name)
    if word is None:
        return default
    if word.isascii() and word.isdigit() and len(word) <= len(str(highest)) and lowest <= int(word) <= highest:
        return int(word)
    raise BadQuestion(f"{name}={word!r} is not a whole number from {lowest} to {highest}")


def _read_cursor(parameters: Mapping[str, str]) -> Cursor | None:
    word = parameters.get("before")
    if word is None:
        return None
    found = CURSOR.fullmatch(word)
    if found is None or int(found[1]) > LARGEST_INTEGER:
        raise BadQuestion(f"before={word!r} is not a place in the list: follow the link to older calls")
    return (int(found[1]), found[2])


def _read_run(parameters: Mapping[str, str]) -> str | None:
    word = parameters.get("run")
    if word is None:
        return None
    if not 0 < len(word) <= LONGEST_RUN_ID:
        raise BadQuestion(f"run must be the id of a run, of 1 to {LONGEST_RUN_ID} characters")
    return word


def _read_where(parameters: Mapping[str, str]) -> dict[str, str]:
    """By the attribute's full name."""
    asked = {name.removeprefix(WHERE): value for name, value in parameters.items() if _is_condition(name)}
    for name, value in asked.items():
        if not 0 < len(name) <= LONGEST_CONDITION or len(value) > LONGEST_CONDITION:
            raise BadQuestion(f"a condition must be name=value, each of at most {LONGEST_CONDITION} characters")
    if len(asked) > MOST_CONDITIONS:
        raise BadQuestion(f"there are more than {MOST_CONDITIONS} conditions: leave some out")
    return {attribute_named(name): value for name, value in asked.items()}


def _is_condition(name: str) -> bool:
    return name in FIELDS or name.startswith(WHERE)
