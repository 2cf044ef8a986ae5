"""How a terminal shows figures: as the page does, in plain ASCII, and unknown as `-`, never 0."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.answers import Totals
from firsttoken.call import Call, Ledger
from firsttoken.page import figures
from firsttoken.page.wording import is_billed

UNKNOWN: Final = "-"
ASCII: Final = str.maketrans({figures.UNKNOWN: UNKNOWN, figures.SPACE: " "})


def seconds(value_s: float | None) -> str:
    return figures.duration_s(value_s).translate(ASCII)


def nanoseconds(value_ns: int | None) -> str:
    return figures.duration_ns(value_ns).translate(ASCII)


def count(value: int | None) -> str:
    return figures.count(value).translate(ASCII)


def rate(per_second: float | None) -> str:
    return figures.rate(per_second).translate(ASCII)


def call_cost(call: Call) -> str:
    """`unpriced` where nobody knows the price, and a dash where there is nothing to pay for."""
    if isinstance(call.cost, Ledger):
        return figures.money(call.cost.total, call.cost.currency).translate(ASCII)
    return "unpriced" if is_billed(call) else UNKNOWN


def total_cost(totals: Totals) -> str:
    """The priced calls, by currency. Unknown where there is none."""
    amounts = [figures.money(amount, currency) for currency, amount in sorted(totals.cost.items())]
    return " + ".join(amounts).translate(ASCII) or UNKNOWN


def total_tokens(tokens: int, totals: Totals) -> str:
    """Unknown where no call reported any."""
    return count(tokens if totals.calls > totals.calls_without_usage else None)


def calls(number: int) -> str:
    return f"{number:,} call" if number == 1 else f"{number:,} calls"


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
