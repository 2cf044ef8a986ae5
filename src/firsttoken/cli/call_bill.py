"""The bill of one call in words: its lines at the price of its own day, and what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firsttoken.call import Call, Ledger
from firsttoken.cli import wording
from firsttoken.cli.sections import Fact
from firsttoken.cli.wording import exact_amount
from firsttoken.page.wording import is_billed, unpriced_meaning
from firsttoken.pricing.book import PriceBook
from firsttoken.pricing.invoice import Line
from firsttoken.pricing.override import Override
from firsttoken.pricing.statement import statement_of

PARTS: Final = ("input", "cache read", "cache write", "output", "tools")


def bill_of(call: Call, prices: tuple[Override, ...]) -> Iterator[Fact]:
    """The recorded cost is what counts. Lines are worked out anew, so they are shown where they come to the same."""
    cost = call.cost
    statement = statement_of(call, PriceBook(prices))
    if isinstance(cost, Ledger):
        if statement.difference == 0:
            yield from (_line(line, cost.currency) for line in statement.lines)
            yield from ((f"of it {_name(line)}", _line(line, cost.currency)[1]) for line in statement.within)
        else:
            yield from _parts(cost)
        yield "total", exact_amount(cost.total, cost.currency)
        if statement.difference == 0 and statement.saved_by_cache:
            yield "saved by the cache", exact_amount(statement.saved_by_cache, cost.currency)
        yield "prices", " of ".join(filter(None, (cost.source, cost.price_date))) or wording.UNKNOWN
    elif is_billed(call):
        yield "unpriced", unpriced_meaning(call)
        if statement.total is not None:
            yield (
                "at today's list",
                f"{exact_amount(statement.total.total, statement.total.currency)} by {statement.total.source}",
            )
    if statement.at_least is not None:
        yield "what had come so far", f"{exact_amount(statement.at_least.total, statement.at_least.currency)} at least"


def _parts(ledger: Ledger) -> Iterator[Fact]:
    for name, amount in zip(PARTS, ledger.parts, strict=True):
        if amount is not None and (amount or name in ("input", "output")):
            yield name, exact_amount(amount, ledger.currency)
    if not ledger.is_split:
        yield "in one sum", exact_amount(ledger.unsplit, ledger.currency)


def _line(line: Line, currency: str) -> Fact:
    amount = exact_amount(line.amount, currency)
    rate = exact_amount(line.rate, currency)
    return _name(line), f"{line.count:>9,} at {rate} for {line.per:,}: {amount}"


def _name(line: Line) -> str:
    kind = line.kind.replace("_", " ")
    return kind if line.modality is None else f"{kind} ({line.modality})"
