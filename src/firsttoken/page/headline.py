"""The figures at the top of the overview, each with how it changed from the time before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from firsttoken.analyse.answers import CallRow, Report, Totals
from firsttoken.analyse.spending import Spending
from firsttoken.page import figures
from firsttoken.page.marks import at_least, of_group, with_value
from firsttoken.page.period import Period
from firsttoken.page.question import address_of

Worse = Literal["more", "less", "neither"]
LEAST_CHANGE: Final = 0.0005
"""As a share. What is less reads as none."""
MANY: Final = 9
"""From ten times on, percent say little."""


@dataclass(frozen=True, slots=True)
class Change:
    """From the time before."""

    words: str
    """For example `+12 %`."""
    before: str
    """What it was, in full."""
    kind: Literal["worse", "better", "other"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure."""

    name: str
    value: str
    note: str = ""
    meaning: str = ""
    href: str | None = None
    change: Change | None = None
    is_bad: bool = False
    of: str = ""
    """The name of what it is a figure of: strangers' text, for one line."""


def tiles(
    period: Period, now: Report, before: Report | None, widest: CallRow | None, users: Spending
) -> Iterator[Tile]:
    """`before` is None where there is nothing to hold against; `widest` is the call with the largest gap."""
    totals = now.totals
    earlier = None if before is None or not before.totals.calls else before.totals
    summed = earlier if period.is_recorded_before else None
    selection = period.bounded
    yield Tile(
        "Calls",
        figures.count(totals.calls),
        href=address_of("/", selection),
        change=summed and _change(totals.calls, summed.calls, "neither", figures.count(summed.calls)),
    )
    yield Tile(
        "Errors",
        figures.count(totals.errors),
        figures.share(totals.errors, totals.calls),
        href=address_of("/", with_value(selection, "failed", "true")) if totals.errors else None,
        change=earlier and _points(totals, earlier),
        is_bad=totals.errors > 0,
    )
    for name, share, level in (("p50", "Half", "p50_s"), ("p95", "95 of 100", "p95_s")):
        value_s = getattr(totals.first_token, level)
        was_s = None if earlier is None else getattr(earlier.first_token, level)
        yield Tile(
            f"First token {name}",
            figures.duration_s(value_s),
            f"of {figures.counted(totals.first_token.count, 'stream')}" if name == "p50" else "",
            f"{share} of the streams that had a first token were at most this slow.",
            None if value_s is None else address_of("/", at_least(selection, "first_token", value_s)),
            _change(value_s, was_s, "more", figures.duration_s(was_s)),
        )
    yield _gap(widest)
    for name, sent in (("Tokens in", "input_tokens"), ("Tokens out", "output_tokens")):
        tokens = totals.told(getattr(totals, sent))
        before_tokens = summed and summed.told(getattr(summed, sent))
        change = _change(tokens, before_tokens, "neither", figures.count(before_tokens))
        yield Tile(name, figures.count(tokens), _tokens_note(totals, name), change=change)
    yield from _costs(period, totals, summed)
    yield from _costliest(period, users)


def _gap(widest: CallRow | None) -> Tile:
    meaning = "The longest time that a stream had its caller wait between two chunks."
    if widest is None:
        return Tile("Largest gap", figures.UNKNOWN, meaning=meaning)
    model = widest.call.request.model or widest.call.response.model or "unknown model"
    address = f"/calls/{widest.trace_id}/{widest.span_id}#largest-gap"
    gap = figures.duration_ns(widest.call.timing.largest_gap_ns)
    return Tile("Largest gap", gap, meaning=meaning, href=address, of=model)


def _costs(period: Period, totals: Totals, summed: Totals | None) -> Iterator[Tile]:
    """One for each currency."""
    note = f"and {figures.count(totals.unpriced_calls)} unpriced" if totals.unpriced_calls else ""
    address = address_of("/spend", period.bounded)
    if not totals.cost:
        yield Tile("Cost", figures.UNKNOWN if totals.unpriced_calls else "0", note, href=address)
    for currency, amount in totals.cost.items():
        was = None if summed is None else summed.cost.get(currency)
        change = _change(amount, was, "neither", figures.money(was, currency))
        yield Tile(
            "Cost", figures.money(amount, currency), note, figures.exact_money(amount, currency), address, change
        )


def _costliest(period: Period, users: Spending) -> Iterator[Tile]:
    """Of those who are named."""
    currency = users.currency
    for user, spender in users.top.items():
        if user is not None and currency is not None and spender.cost.get(currency):
            of = of_group(period.bounded, (users.by,), (user,))
            spent = figures.money(spender.cost[currency], currency)
            yield Tile("Costliest user", user, spent, "Who spent the most.", address_of("/", of))
            return


def _tokens_note(totals: Totals, name: str) -> str:
    if name == "Tokens in":
        return (
            f"{figures.share(totals.cache_read_tokens, totals.input_tokens)} from a cache"
            if totals.input_tokens
            else ""
        )
    return f"{figures.counted(totals.calls_without_usage, 'call')} without usage" if totals.calls_without_usage else ""


def _change(now: float | Decimal | None, before: float | Decimal | None, worse: Worse, was: str) -> Change | None:
    """As a share of what it was. None where either is not known, or it was nothing."""
    if now is None or not before:
        return None
    share = float(now) / float(before) - 1
    return Change(_signed(share), was, _kind(share, worse))


def _points(now: Totals, before: Totals) -> Change | None:
    """How much more of the calls failed, in points of a hundred."""
    if not now.calls:
        return None
    share, was = now.errors / now.calls, before.errors / before.calls
    difference = 100 * (share - was)
    words = f"{difference:+.1f}{figures.SPACE}points".replace("-", figures.MINUS)
    return Change("same share" if abs(difference) < 0.05 else words, figures.percent(was), _kind(share - was, "more"))


def _signed(share: float) -> str:
    if abs(share) < LEAST_CHANGE:
        return "no change"
    if share >= MANY:
        return f"{share + 1:,.0f} times"
    return f"{100 * share:+.{0 if abs(share) >= 0.1 else 1}f}{figures.SPACE}%".replace("-", figures.MINUS)


def _kind(difference: float, worse: Worse) -> Literal["worse", "better", "other"]:
    if worse == "neither" or abs(difference) < LEAST_CHANGE:
        return "other"
    return "worse" if (difference > 0) == (worse == "more") else "better"
