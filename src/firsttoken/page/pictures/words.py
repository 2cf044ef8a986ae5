"""What pictures of several views say in the same words."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from decimal import Decimal

from firsttoken.analyse.answers import Totals
from firsttoken.analyse.asking import described
from firsttoken.call import Call, Ledger
from firsttoken.page import figures
from firsttoken.page.pictures.picture import Figure, Words
from firsttoken.page.wording import is_billed
from firsttoken.store import Selection


def about(selection: Selection, before: str = "") -> str:
    """Which calls, and when the picture was made."""
    which = f"{before}calls{described(selection)}" if described(selection) else f"{before}all calls"
    return f"{which} · made {figures.minute(time.time_ns())} by firsttoken"


def figures_of(totals: Totals) -> Iterator[Figure]:
    """As they stand over the list."""
    first, errors = totals.first_token, figures.share(totals.errors, totals.calls)
    yield Figure("Calls", figures.count(totals.calls))
    yield Figure("Errors", figures.count(totals.errors), errors, is_bad=totals.errors > 0)
    yield Figure("First token p50", figures.duration_s(first.p50_s), f"of {figures.counted(first.count, 'stream')}")
    yield Figure("First token p95", figures.duration_s(first.p95_s))
    yield Figure("Tokens in", figures.count(totals.told(totals.input_tokens)))
    silent = f"{figures.calls(totals.calls_without_usage)} without usage" if totals.calls_without_usage else ""
    yield Figure("Tokens out", figures.count(totals.told(totals.output_tokens)), silent)
    yield Figure("Cost", sums(totals.cost, totals.unpriced_calls), unpriced(totals.unpriced_calls))


def sums(cost: Mapping[str, Decimal], unpriced_calls: int) -> str:
    """Nothing was paid where nothing was to be paid; what nobody knows is unknown."""
    if not cost:
        return figures.UNKNOWN if unpriced_calls else "0"
    return " + ".join(figures.money(amount, currency) for currency, amount in cost.items())


def unpriced(calls: int) -> str:
    return f"{figures.count(calls)} unpriced" if calls else ""


def cost_of(call: Call) -> Words:
    """What is not billed costs nothing."""
    if isinstance(call.cost, Ledger):
        return Words(figures.money(call.cost.total, call.cost.currency))
    return Words("unpriced", tone="warn") if is_billed(call) else Words("0")


def value_of(value: str | None) -> Words:
    """What calls are told apart by."""
    if value is None:
        return Words("not said", tone="quiet")
    return Words(value, tone="strong") if value else Words("empty", tone="quiet")


def errors_of(errors: int, calls: int) -> Words:
    return Words(figures.count(errors), figures.share(errors, calls), tone="bad") if errors else Words("0")
