"""The TOML file of overrides (`FIRSTTOKEN_PRICES`), read whole or refused with one line (docs/prices.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, NoReturn, cast

from firsttoken.errors import SettingsError
from firsttoken.pricing.override import Override

WORDS: Final = ("model", "provider", "tier", "currency")
RATES: Final = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
OPTIONAL_RATES: Final = ("web_search",)
KEYS: Final = (*WORDS, *RATES, *OPTIONAL_RATES, "from")
FALLBACK_RATES: Final = {"cache_read": "input", "cache_write": "input", "cache_write_1h": "cache_write"}
"""A rate that is left out is the same as this one."""
CURRENCY_CODE: Final = re.compile("[A-Z]{3}")
HIGHEST_RATE: Final = Decimal(1_000_000_000)
"""Far above any price, so that a misplaced exponent is an error and every amount is exact."""
MOST_DECIMALS: Final = 9


def read_overrides(path: Path) -> tuple[Override, ...]:
    """In the order of the file. Raises SettingsError that names the file, the entry and what to do."""
    document = _document(path)
    unknown = sorted(document.keys() - {"price"})
    if unknown:
        _refuse(path, f"unknown key {unknown[0]!r}", "start each price with a line [[price]]")
    entries = document.get("price")
    if not isinstance(entries, list) or not entries:
        _refuse(path, "no [[price]] entry", "add one with model, input and output, or unset FIRSTTOKEN_PRICES")
    return tuple(
        _Entry(path, number, entry).override() for number, entry in enumerate(cast("list[object]", entries), start=1)
    )


def _document(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file, parse_float=Decimal)
    except OSError as error:
        _refuse(path, f"cannot be read ({error.strerror})", "set FIRSTTOKEN_PRICES to a readable file, or unset it")
    except tomllib.TOMLDecodeError as error:
        _refuse(path, f"not valid TOML: {error}", "correct that line")
    except (ValueError, ArithmeticError, RecursionError):
        _refuse(path, "not a TOML file of prices", "set FIRSTTOKEN_PRICES to one, or unset it")


class _Entry:
    """One [[price]] table, checked key by key."""

    def __init__(self, path: Path, number: int, entry: object) -> None:
        self._path = path
        self._label = f"[[price]] number {number}"
        if not isinstance(entry, Mapping):
            self._refuse("is not a table", "write [[price]] on a line of its own and the keys below it")
        self._values = cast("Mapping[str, object]", entry)
        unknown = sorted(self._values.keys() - set(KEYS))
        if unknown:
            self._refuse(f"has an unknown key {unknown[0]!r}", f"use only {', '.join(KEYS)}")

    def override(self) -> Override:
        model = self._word("model")
        if model is None:
            self._refuse("has no model", 'add model = "name", where * stands for anything')
        rates: dict[str, Decimal] = {}
        for key in ("input", "output", *FALLBACK_RATES):
            rates[key] = self._rate(key, rates.get(FALLBACK_RATES.get(key, "")))
        return Override(
            source=f"override {self._path.name}",
            model=model,
            provider=self._word("provider"),
            tier=self._word("tier"),
            currency=self._currency(),
            since=self._since(),
            **{key: self._rate(key, None) for key in OPTIONAL_RATES if key in self._values},
            **rates,
        )

    def _word(self, key: str) -> str | None:
        word = self._values.get(key)
        if word is None:
            return None
        if not isinstance(word, str) or not word.strip():
            self._refuse(f"has {key} = {word!r}", "give it as text in quotes, or leave it out")
        return word.strip().lower()

    def _currency(self) -> str:
        code = (self._word("currency") or "usd").upper()
        if not CURRENCY_CODE.fullmatch(code):
            self._refuse(f"has currency = {code!r}", "give a code of three letters, for example EUR")
        return code

    def _rate(self, key: str, fallback: Decimal | None) -> Decimal:
        value = self._values.get(key, fallback)
        if value is None:
            self._refuse(f"has no {key}", f"add {key} = the price of {_unit(key)}")
        try:
            rate = Decimal(str(value))
        except InvalidOperation:
            rate = Decimal("NaN")
        if isinstance(value, bool) or not _is_plausible(rate):
            self._refuse(
                f"has {key} = {value!s}",
                f"give the price of {_unit(key)} as a number of 0 or more with at most {MOST_DECIMALS} decimals",
            )
        return rate

    def _since(self) -> date | None:
        value = self._values.get("from")
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            day = value
        if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
            self._refuse(f"has from = {value!s}", "give the first day of the price, for example from = 2026-11-01")
        return day

    def _refuse(self, what: str, next_step: str) -> NoReturn:
        _refuse(self._path, f"{self._label} {what}", next_step)


def _unit(key: str) -> str:
    return "a thousand searches" if key == "web_search" else "one million tokens"


def _is_plausible(rate: Decimal) -> bool:
    exponent = rate.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= MOST_DECIMALS and 0 <= rate <= HIGHEST_RATE


def _refuse(path: Path, what: str, next_step: str) -> NoReturn:
    raise SettingsError(f"price file {path}: {what}: {next_step}")
