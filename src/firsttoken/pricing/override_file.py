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
from firsttoken.pricing.override import Conditions, Override, Rates

SCOPES: Final = ("model", "deployment", "server", "provider")
"""What an entry may be about. It needs one of them."""
RATES: Final = ("input", "cache_read", "cache_write", "cache_write_1h", "output", "web_search")
KEYS: Final = (*SCOPES, "tier", "from", "until", "input_above", "currency", *RATES, "discount")
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
        discount = self._discount() if "discount" in self._values else None
        return Override(
            source=f"override {self._path.name}",
            conditions=self._conditions(),
            rates=self._rates() if discount is None else None,
            discount=discount,
            currency=self._currency(),
        )

    def _conditions(self) -> Conditions:
        scopes = {key: self._word(key) for key in SCOPES}
        if not any(scopes.values()):
            self._refuse(
                f"has no {', '.join(SCOPES[:-1])} or {SCOPES[-1]}", 'add model = "name", where * stands for anything'
            )
        since, until = self._day("from", "first"), self._day("until", "last")
        if since is not None and until is not None and until < since:
            self._refuse(f"ends on {until}, before it begins on {since}", "exchange from and until")
        return Conditions(**scopes, tier=self._word("tier"), since=since, until=until, input_above=self._input_above())

    def _rates(self) -> Rates:
        rates: dict[str, Decimal] = {}
        for key in ("input", "output", *FALLBACK_RATES):
            rates[key] = self._rate(key, rates.get(FALLBACK_RATES.get(key, "")))
        return Rates(**rates, web_search=self._rate("web_search", None) if "web_search" in self._values else None)

    def _discount(self) -> Decimal:
        """A factor of three decimals keeps every amount exact."""
        own = [key for key in (*RATES, "currency") if key in self._values]
        if own:
            self._refuse(f"has a discount and {own[0]}", "keep one of them: a discount is on the price of the list")
        discount = self._decimal("discount")
        if not _is_plausible(discount, decimals=3) or discount > 1:
            self._refuse(
                f"has discount = {self._values['discount']!s}",
                "give the part that is not paid, from 0 to 1 with at most 3 decimals: 0.2 is 20 % off",
            )
        return discount

    def _input_above(self) -> int | None:
        tokens = self._values.get("input_above")
        if tokens is not None and (isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0):
            self._refuse(f"has input_above = {tokens!s}", "give a whole number of input tokens, for example 200000")
        return tokens

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
        if key not in self._values:
            if fallback is None:
                self._refuse(f"has no {key}", f"add {key} = the price of {_unit(key)}, or discount = 0.2")
            return fallback
        rate = self._decimal(key)
        if not _is_plausible(rate, MOST_DECIMALS):
            self._refuse(
                f"has {key} = {self._values[key]!s}",
                f"give the price of {_unit(key)} as a number of 0 or more with at most {MOST_DECIMALS} decimals",
            )
        return rate

    def _decimal(self, key: str) -> Decimal:
        """NaN for what is no number."""
        value = self._values[key]
        try:
            return Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
        except InvalidOperation:
            return Decimal("NaN")

    def _day(self, key: str, which: str) -> date | None:
        value = self._values.get(key)
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            day = value
        if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
            self._refuse(f"has {key} = {value!s}", f"give the {which} day of the price, for example {key} = 2026-11-01")
        return day

    def _refuse(self, what: str, next_step: str) -> NoReturn:
        _refuse(self._path, f"{self._label} {what}", next_step)


def _unit(key: str) -> str:
    return "a thousand searches" if key == "web_search" else "one million tokens"


def _is_plausible(rate: Decimal, decimals: int) -> bool:
    exponent = rate.as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= decimals and 0 <= rate <= HIGHEST_RATE


def _refuse(path: Path, what: str, next_step: str) -> NoReturn:
    raise SettingsError(f"price file {path}: {what}: {next_step}")
