"""The same calls priced again as if they had been made otherwise: another model, another tier, no cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import Final, Literal

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.billed import OF_ALL, Priced, Pricing, priced
from firsttoken.analyse.options import Group, Options
from firsttoken.call import Call, Ledger, Unpriced
from firsttoken.call.ledger import DIGITS, ZERO
from firsttoken.pricing import PriceBook
from firsttoken.pricing.override import Override
from firsttoken.pricing.together import Amounts
from firsttoken.pricing.whatif import ASSUMPTIONS, UNKNOWABLE, Scenario, WhatIf, context_windows, what_if
from firsttoken.store import Reader, Selection

UNKNOWN_MODEL: Final = "unknown_model"
NOT_BILLED: Final = "not_billed"
NO_COST: Final = "no_cost"
OTHER_CURRENCY: Final = "other_currency"
REASONS: Final[Mapping[str, str]] = {
    **UNKNOWABLE,
    NO_COST: "it has a price there, and no recorded cost to hold it against",
    OTHER_CURRENCY: "it was paid in another currency than the price is in",
    UNKNOWN_MODEL: "no price for that model at that provider: name it PROVIDER/MODEL, or add a price with --prices",
    "unknown_tier": "there is no price for it on those terms: add one with --prices",
    "unknown_tool": "there is no price for the searches that it made: add one with --prices",
    "unknown_usage": "the provider reported no usage that adds up",
    "unknown_cache": "the prompt is so long that the price depends on which tokens were cached, which is not told",
    "partial_usage": "the stream was cut before the final counts",
    "no_price_list": "there is no price list: pip install 'firsttoken[prices]'",
    "price_error": "pricing failed: set the log level of firsttoken.pricing to debug",
}
"""Why a call is left out, by the word for it."""
MOST_NAMES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfOptions(Options):
    """And what is otherwise: each scenario by itself."""

    scenarios: tuple[Scenario, ...] = (Scenario(),)
    prices: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """The calls of a group of which it is known what they cost and what they would have, in one currency. Every call is
    counted once: compared, not known or not billed."""

    group: Group
    to_model: str | None
    """That of the scenario; None is as it was. So are the next ones."""
    to_provider: str | None
    to_tier: str | None
    batch: bool
    cache: Literal["none", "all"] | None
    currency: str | None
    """None where no call of the group is known."""
    calls: int
    cost_was: Decimal | None
    """As recorded."""
    cost_would_be: Decimal | None
    difference: Decimal | None
    """Below zero is cheaper."""
    share: float | None
    """Of what it was: 0.5 is half the cost. None where it was nothing."""
    unknown_calls: int
    """Those of the group that are billed and are not in it. In the first row of a group where it has several."""
    not_billed_calls: int
    """Those of the group that cost nothing, there as here: refused ones, say. Likewise in the first row alone."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Calls of which it cannot be known what they would have cost, or that say nothing of a difference."""

    scenario: int
    """Which one, from 0."""
    reason: str
    meaning: str
    calls: int
    names: tuple[str, ...] = ()
    """Of a model that their provider does not have: what it is called at some that do, as `PROVIDER/MODEL`."""


@dataclass(frozen=True, slots=True)
class TakenForGranted:
    """What is assumed of some calls that are in a sum."""

    scenario: int
    assumption: str
    meaning: str
    calls: int


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """By scenario, in the order asked, and by group, the dearest first."""

    selection: Selection
    group_by: tuple[str, ...]
    scenarios: tuple[Scenario, ...]
    rows: tuple[WhatIfRow, ...]
    totals: tuple[WhatIfRow, ...]
    """The same of all calls together."""
    left_out: tuple[LeftOut, ...]
    assumptions: tuple[TakenForGranted, ...]


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    was: Decimal = Decimal(0)
    would_be: Decimal = Decimal(0)


@dataclass(slots=True)
class _Tally:
    """Of one scenario, while calls are counted."""

    sums: dict[tuple[Group, str], _Sum] = field(default_factory=dict[tuple[Group, str], _Sum])
    unknown: dict[Group, int] = field(default_factory=dict[Group, int])
    not_billed: dict[Group, int] = field(default_factory=dict[Group, int])
    reasons: dict[str, int] = field(default_factory=dict[str, int])
    assumed: dict[str, int] = field(default_factory=dict[str, int])


def what_if_answer(reader: Reader, options: WhatIfOptions) -> WhatIfAnswer:
    """Raises StoreError and SelectionError."""
    tallies = tuple(_Tally() for _ in options.scenarios)

    def otherwise(call: Call, book: PriceBook) -> tuple[WhatIf, ...]:
        return tuple(what_if(call, scenario, book) for scenario in options.scenarios)

    book = PriceBook(options.prices)
    sizes = {size for scenario in options.scenarios for size in context_windows(scenario, book)}
    pricing = Pricing(book, otherwise, _amounts, _is_settled, otherwise, sizes=tuple(sizes))
    with localcontext(prec=DIGITS):
        for some in priced(reader, options.selection, options.group_by, pricing):
            for number, tally in enumerate(tallies):
                _count(some, number, tally)
        rows = tuple(row for pair in zip(options.scenarios, tallies, strict=True) for row in _rows(*pair))
        overall = tuple(map(_overall, tallies))
        totals = tuple(row for pair in zip(options.scenarios, overall, strict=True) for row in _rows(*pair))
    return WhatIfAnswer(
        selection=options.selection,
        group_by=options.group_by,
        scenarios=options.scenarios,
        rows=rows,
        totals=totals,
        left_out=tuple(
            LeftOut(number, reason, REASONS.get(reason, reason), calls, _names(reason, options.scenarios[number], book))
            for number, tally in enumerate(tallies)
            for reason, calls in sorted(tally.reasons.items(), key=lambda item: -item[1])
        ),
        assumptions=tuple(
            TakenForGranted(number, word, meaning, tally.assumed[word])
            for number, tally in enumerate(tallies)
            for word, meaning in ASSUMPTIONS.items()
            if word in tally.assumed
        ),
    )


def _names(reason: str, scenario: Scenario, book: PriceBook) -> tuple[str, ...]:
    if reason != UNKNOWN_MODEL or scenario.model is None or scenario.provider is not None:
        return ()
    return tuple(f"{provider}/{scenario.model}" for provider in book.providers_of(scenario.model)[:MOST_NAMES])


def _amounts(answers: tuple[WhatIf, ...]) -> Amounts:
    return tuple(answer.cost.total if isinstance(answer.cost, Ledger) else None for answer in answers)


def _is_settled(call: Call, answers: tuple[WhatIf, ...]) -> bool:
    """Where the price of one call depends on how much it used, that of all together is none."""
    del call
    return all(isinstance(answer.cost, Ledger) or answer.cost.reason in OF_ALL for answer in answers)


def _count(some: Priced[tuple[WhatIf, ...]], number: int, tally: _Tally) -> None:
    answer, call, calls = some.answer[number], some.call, sum(each.calls for each in some.groups)
    was, would_be = call.cost, answer.cost
    if call.was_refused:
        would_be = Unpriced(NOT_BILLED)
    elif isinstance(would_be, Ledger) and not isinstance(was, Ledger):
        would_be = Unpriced(NO_COST)
    elif isinstance(would_be, Ledger) and isinstance(was, Ledger) and was.currency != would_be.currency:
        would_be = Unpriced(OTHER_CURRENCY)
    if isinstance(would_be, Unpriced):
        tally.reasons[would_be.reason] = tally.reasons.get(would_be.reason, 0) + calls
        left_out = tally.not_billed if would_be.reason == NOT_BILLED else tally.unknown
        for each in some.groups:
            left_out[each.group] = left_out.get(each.group, 0) + each.calls
        return
    for each in some.groups:
        found = tally.sums.setdefault((each.group, would_be.currency), _Sum())
        found.calls += each.calls
        found.was += each.paid
        found.would_be += each.amounts[number] or ZERO
    for word in answer.assumptions:
        tally.assumed[word] = tally.assumed.get(word, 0) + calls


def _overall(tally: _Tally) -> _Tally:
    whole = _Tally(unknown={(): sum(tally.unknown.values())}, not_billed={(): sum(tally.not_billed.values())})
    for (_, currency), found in tally.sums.items():
        together = whole.sums.setdefault(((), currency), _Sum())
        together.calls += found.calls
        together.was += found.was
        together.would_be += found.would_be
    return whole


def _rows(scenario: Scenario, tally: _Tally) -> list[WhatIfRow]:
    unknown, not_billed = dict(tally.unknown), dict(tally.not_billed)
    places = sorted(tally.sums, key=lambda place: (place[1], -tally.sums[place].was, _sortable(place[0])))
    rows = [
        _row(scenario, group, currency, tally.sums[group, currency], unknown.pop(group, 0), not_billed.pop(group, 0))
        for group, currency in places
    ]
    rows += [
        _row(scenario, group, None, None, unknown.get(group, 0), not_billed.get(group, 0))
        for group in sorted({**unknown, **not_billed}, key=_sortable)
    ]
    return rows


def _sortable(group: Group) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for value in group]


def _row(  # noqa: PLR0913, PLR0917  one for each thing that rows of a scenario differ in
    scenario: Scenario,
    group: Group,
    currency: str | None,
    found: _Sum | None,
    unknown_calls: int,
    not_billed_calls: int,
) -> WhatIfRow:
    return WhatIfRow(
        group=group,
        to_model=scenario.model,
        to_provider=scenario.provider,
        to_tier=scenario.tier,
        batch=scenario.batch,
        cache=scenario.cache,
        currency=currency,
        calls=0 if found is None else found.calls,
        cost_was=None if found is None else found.was,
        cost_would_be=None if found is None else found.would_be,
        difference=None if found is None else found.would_be - found.was,
        share=float(found.would_be / found.was) if found is not None and found.was else None,
        unknown_calls=unknown_calls,
        not_billed_calls=not_billed_calls,
    )


WHAT_IF: Final = Answer("what-if", WhatIfOptions, WhatIfAnswer, what_if_answer)
