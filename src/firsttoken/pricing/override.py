"""A price that the user stated, and the bill it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase

from firsttoken.call import Unpriced
from firsttoken.pricing.billing import Bill
from firsttoken.pricing.invoice import SEARCHES_PER_PRICE, Invoice, Line, used


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which calls a price holds for. Names are in lower case; a pattern has `*`, `?` and `[...]`. None is any."""

    model: str | None = None
    """Of the model that answered, or the one that was asked for."""
    deployment: str | None = None
    """Of what was asked for, whichever model answered: the name of an Azure deployment, for example."""
    server: str | None = None
    """Of the server's address."""
    provider: str | None = None
    """Of `gen_ai.provider.name`."""
    tier: str | None = None
    """The one special tier that the price holds for; None is the standard service."""
    since: date | None = None
    until: date | None = None
    """The first day, and the last."""
    input_above: int | None = None
    """Only for an input of more tokens."""

    def hold(self, bill: Bill, model: str) -> bool:
        day, input_tokens = bill.at.date(), bill.largest_input_tokens or bill.usage.input_tokens or 0
        return (
            bill.terms == (frozenset() if self.tier is None else {self.tier})
            and (self.since is None or self.since <= day)
            and (self.until is None or day <= self.until)
            and (self.input_above is None or input_tokens > self.input_above)
            and _matches(self.model, model)
            and _matches(self.deployment, bill.asked_model)
            and _matches(self.server, bill.server_address)
            and _matches(self.provider, bill.provider)
        )


def _matches(pattern: str | None, name: str | None) -> bool:
    return pattern is None or (name is not None and fnmatchcase(name.lower(), pattern))


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of a million tokens, and of a thousand searches."""

    input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    output: Decimal
    web_search: Decimal | None = None
    """None is unknown."""


@dataclass(frozen=True, slots=True)
class Override:
    """One entry of the user's file: rates of its own, or a discount on those of the list."""

    source: str
    conditions: Conditions = field(default_factory=Conditions)
    rates: Rates | None = None
    discount: Decimal | None = None
    """The part of the list price that is not paid, for example 0.2; None where there are rates."""
    currency: str = "USD"


def override_invoice(override: Override, rates: Rates, bill: Bill) -> Invoice | Unpriced:
    if bill.web_searches and rates.web_search is None:
        return Unpriced("unknown_tool")
    since = override.conditions.since
    lines = (
        Line("input", bill.uncached_tokens, rates.input),
        Line("cache_read", bill.cache_read_tokens, rates.cache_read),
        Line(bill.cache_write_kind, bill.cache_write_tokens, rates.cache_write),
        Line("cache_write_1h", bill.cache_write_1h_tokens, rates.cache_write_1h),
        Line("output", bill.output_tokens, rates.output),
        Line("web_search", bill.web_searches, rates.web_search or Decimal(0), SEARCHES_PER_PRICE),
    )
    return Invoice(used(lines), override.currency, override.source, None if since is None else since.isoformat())


def discounted(override: Override, discount: Decimal, listed: Invoice) -> Invoice:
    """The list's bill at rates that are so much lower."""
    lines = tuple(
        Line(line.kind, line.count, line.rate * (1 - discount), line.per, line.modality) for line in listed.lines
    )
    return Invoice(lines, listed.currency, f"{override.source}, {listed.source}", listed.price_date)
