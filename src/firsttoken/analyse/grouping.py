"""Calls told apart by what they say under one name, and what they say there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.answers import Percentiles
from firsttoken.analyse.asking import Answer, check_known
from firsttoken.analyse.columns import group, integer, integer_or_none, money_or_none, text
from firsttoken.analyse.options import AtMost, Group, Options
from firsttoken.analyse.reporting import percentiles
from firsttoken.errors import SelectionError
from firsttoken.store import EVERYTHING, Reader, Row, Selection, Value, Warehouse


@dataclass(frozen=True, slots=True)
class CallGroup:
    """The calls that say the same."""

    group: Group
    """That one value: None for those that say nothing under that name."""
    calls: int
    errors: int
    """Calls that failed or timed out."""
    first_token: Percentiles
    """Of its streams."""
    input_tokens: int | None
    """Sum over the calls that reported usage; None where none did."""
    output_tokens: int | None
    cost: dict[str, Decimal]
    """Sum of priced calls by currency."""
    unpriced_calls: int
    latest_unix_ns: int
    """When the newest of them started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsOptions(Options):
    """By one name. No calls are an answer, too."""

    limit: AtMost = 500

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class GroupsAnswer:
    """The group with the most calls first."""

    selection: Selection
    group_by: tuple[str, ...]
    rows: tuple[CallGroup, ...]


def groups(reader: Reader, options: GroupsOptions) -> GroupsAnswer:
    """Raises StoreError, and SelectionError for an attribute that no call has."""
    if len(options.group_by) != 1:
        raise SelectionError("groups are by one attribute: name it, for example user")
    check_known(reader, options.group_by[0])
    currencies = _currencies(reader, options.selection)
    answers = [_asked(reader, options, each) for each in currencies or [""]]
    found = tuple(_group(rows, currencies) for rows in zip(answers[0], *answers, strict=True))
    return GroupsAnswer(options.selection, options.group_by, found)


GROUPS: Final = Answer("groups", GroupsOptions, GroupsAnswer, groups)


def groups_of(
    warehouse: Warehouse, by: str, selection: Selection = EVERYTHING, *, limit: int = 500
) -> tuple[CallGroup, ...]:
    """At most `limit` of them. Raises as `groups` does."""
    with warehouse.read() as reader:
        return groups(reader, GroupsOptions(selection=selection, group_by=(by,), limit=limit)).rows


def values_of(warehouse: Warehouse, name: str) -> tuple[str, ...]:
    """What the latest calls say there, the most frequent first. Raises StoreError and SelectionError."""
    with warehouse.read() as reader:
        return tuple(text(row, "value") for row in reader.ask("attribute_values", None, EVERYTHING, (name,)))


def names_of(warehouse: Warehouse) -> tuple[str, ...]:
    """The attributes that the latest calls have beside those every store knows. Raises StoreError."""
    with warehouse.read() as reader:
        return tuple(reader.attributes())


def _currencies(reader: Reader, selection: Selection) -> list[str]:
    return sorted({text(row, "currency") for row in reader.ask("cost_sources", None, selection)})


def _asked(reader: Reader, options: GroupsOptions, currency: str) -> list[Row]:
    asked: dict[str, Value] = {"currency": currency, "limit": options.limit}
    return reader.ask("call_groups", asked, options.selection, options.group_by)


def _group(rows: Sequence[Row], currencies: Sequence[str]) -> CallGroup:
    """Of one answer, and then of one for each currency, which differ in the cost alone."""
    row, *priced = rows
    costs = zip(currencies, priced, strict=False)
    return CallGroup(
        group=group(row),
        calls=integer(row, "calls"),
        errors=integer(row, "errors"),
        first_token=percentiles(row, "first_token"),
        input_tokens=integer_or_none(row, "input_tokens"),
        output_tokens=integer_or_none(row, "output_tokens"),
        cost={currency: cost for currency, each in costs if (cost := money_or_none(each, "cost")) is not None},
        unpriced_calls=integer(row, "unpriced_calls"),
        latest_unix_ns=integer(row, "latest_unix_ns"),
    )
