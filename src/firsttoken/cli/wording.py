"""How a terminal shows figures: as the page does, in plain ASCII, and unknown as `-`, never 0."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Protocol

from firsttoken.analyse.answers import Totals
from firsttoken.call import Call, Ledger
from firsttoken.page import figures
from firsttoken.page.wording import is_billed

UNKNOWN: Final = "-"
NOTHING: Final = "0"
ASCII: Final = str.maketrans({figures.UNKNOWN: UNKNOWN, figures.SPACE: " "})


class Paid(Protocol):
    """What some calls cost together."""

    @property
    def cost(self) -> Mapping[str, Decimal]:
        """By currency, of those that have a price."""
        ...

    @property
    def unpriced_calls(self) -> int:
        """Those that cost something unknown."""
        ...


def seconds(value_s: float | None) -> str:
    return figures.duration_s(value_s).translate(ASCII)


def nanoseconds(value_ns: int | None) -> str:
    return figures.duration_ns(value_ns).translate(ASCII)


def count(value: int | None) -> str:
    return figures.count(value).translate(ASCII)


def rate(per_second: float | None) -> str:
    return figures.rate(per_second).translate(ASCII)


def moment(unix_ns: int, today: str) -> str:
    """Time of day, after the date where that is not today."""
    day, clock = figures.day(unix_ns).translate(ASCII), figures.clock(unix_ns).translate(ASCII)
    return clock if day == today else f"{day} {clock}"


def call_cost(call: Call) -> str:
    """`unpriced` where nobody knows the price, and 0 where there is nothing to pay for."""
    if isinstance(call.cost, Ledger):
        return figures.money(call.cost.total, call.cost.currency).translate(ASCII)
    return "unpriced" if is_billed(call) else NOTHING


def total_cost(paid: Paid) -> str:
    """The priced calls, by currency. Where there is none: unknown if others have no price, else nothing was to pay."""
    amounts = [figures.money(amount, currency) for currency, amount in sorted(paid.cost.items())]
    return " + ".join(amounts).translate(ASCII) or (UNKNOWN if paid.unpriced_calls else NOTHING)


def amount(value: Decimal | None, currency: str | None) -> str:
    """Of money. Unknown where either is."""
    return UNKNOWN if currency is None else figures.money(value, currency).translate(ASCII)


def exact_amount(value: Decimal, currency: str) -> str:
    """Of money, with every digit."""
    return figures.exact_money(value, currency).translate(ASCII)


def share(part: int | None, whole: int | None) -> str:
    """A percentage. Unknown where either is."""
    return UNKNOWN if part is None or whole is None else figures.share(part, whole).translate(ASCII)


def calls(number: int) -> str:
    return figures.calls(number)


def left_out(totals: Totals) -> list[str]:
    """What the sums do not contain, one clause each."""
    clauses: list[str] = []
    if totals.calls_without_usage:
        clauses.append(f"without usage: {calls(totals.calls_without_usage)}, not in the tokens")
    if totals.unpriced_calls:
        clauses.append(f"unpriced: {calls(totals.unpriced_calls)}, not in the cost")
    return clauses


def errors_by_category(totals: Totals) -> str:
    """What kinds of errors there were, in the words of the data. Empty where there was none."""
    return ", ".join(f"{number:,} {category}" for category, number in totals.error_categories.items())


def errors(number: int) -> str:
    return f"{number:,} error" if number == 1 else f"{number:,} errors"
