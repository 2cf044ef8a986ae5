"""The TOML file of budgets, read whole or refused with one line (docs/analysis.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, cast

from firsttoken.analyse.budgets import Budget
from firsttoken.analyse.windows import longest
from firsttoken.errors import SettingsError
from firsttoken.semconv.context import attribute_named

CURRENCY_CODE: Final = re.compile("[A-Z]{3}")
LARGEST_LIMIT: Final = Decimal(10) ** 15
MOST_DECIMALS: Final = 18


class Key(NamedTuple):
    """One key of an entry: the field it fills, how its value is read, and what to write.

    `read` raises ValueError or TypeError.
    """

    field: str
    read: Callable[[object], object]
    advice: str


def read_budgets(path: Path) -> tuple[Budget, ...]:
    """In the order of the file. Raises SettingsError that names the file, the entry and what to do."""
    document = _document(path)
    unknown = sorted(document.keys() - {"budget"})
    if unknown:
        _refuse(path, f"unknown key {unknown[0]!r}", "start each budget with a line [[budget]]")
    entries = document.get("budget")
    if not isinstance(entries, list) or not entries:
        _refuse(path, "no [[budget]] entry", "add one with name, limit and window")
    budgets = tuple(_budget(path, number, entry) for number, entry in enumerate(cast("list[object]", entries), start=1))
    for number, budget in enumerate(budgets, start=1):
        if any(budget.name == other.name for other in budgets[: number - 1]):
            _refuse(
                path, f"[[budget]] number {number} has the name of another, {budget.name!r}", "give it one of its own"
            )
    return budgets


def _document(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        _refuse(path, f"cannot be read ({error.strerror})", "name a file that can be read")
    except tomllib.TOMLDecodeError as error:
        _refuse(path, f"not valid TOML: {error}", "correct that line")
    except (ValueError, ArithmeticError, RecursionError):
        _refuse(path, "not a TOML file of budgets", "name one that is")


def _budget(path: Path, number: int, entry: object) -> Budget:
    label = f"[[budget]] number {number}"
    if not isinstance(entry, Mapping):
        _refuse(path, f"{label} is not a table", "write [[budget]] on a line of its own and the keys below it")
    values = cast("Mapping[str, object]", entry)
    read: dict[str, Any] = {}
    for key, value in values.items():
        known = KEYS.get(key)
        if known is None:
            _refuse(path, f"{label} has an unknown key {key!r}", f"use only {', '.join(KEYS)}")
        try:
            read[known.field] = known.read(value)
        except (ValueError, TypeError, ArithmeticError):
            _refuse(path, f"{label} has {key} = {value!s}", known.advice)
    for key in NEEDED:
        if key not in values:
            _refuse(path, f"{label} has no {key}", KEYS[key].advice)
    return Budget(**read)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    """One, or a list of them."""
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    if not given:
        raise ValueError
    return tuple(dict.fromkeys(map(_text, given)))


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(attribute_named, _texts(value)))


def _limit(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise TypeError
    limit = Decimal(value)
    exponent = limit.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > MOST_DECIMALS or not 0 < limit <= LARGEST_LIMIT:
        raise ValueError
    return limit


def _currency(value: object) -> str:
    code = _text(value).upper()
    if not CURRENCY_CODE.fullmatch(code):
        raise ValueError
    return code


def _window(value: object) -> str:
    window = " ".join(_text(value).lower().split())
    longest(window)
    return window


def _where(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not value:
        raise ValueError
    conditions = cast("Mapping[str, object]", value)
    return {attribute_named(_text(name)): _scalar(said) for name, said in conditions.items()}


def _scalar(value: object) -> str:
    """As telemetry would say it in text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | Decimal):
        raise TypeError
    return str(value)


KEYS: Final[Mapping[str, Key]] = {
    "name": Key("name", _text, 'add name = "...", which the table and alerts show'),
    "limit": Key("limit", _limit, "give an amount above 0, for example limit = 50 or limit = 0.25"),
    "currency": Key("currency", _currency, 'give a code of three letters, for example "EUR"'),
    "window": Key("window", _window, 'give "hour", "day", "week", "month", or for example "rolling 24h" (m, h, d, w)'),
    "model": Key("models", _texts, 'give a name or a list of names, for example ["gpt-4o*", "o3"]'),
    "where": Key("where", _where, 'give attributes and values, for example where = { feature = "search" }'),
    "each": Key("each", _names, 'give an attribute or a list of them, for example each = "user"'),
}
NEEDED: Final = ("name", "limit", "window")


def _refuse(path: Path, what: str, next_step: str) -> NoReturn:
    raise SettingsError(f"budget file {path}: {what}: {next_step}")
