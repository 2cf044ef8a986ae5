"""What calls cost, what is saved and wasted, and how much of it is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard
from rules.objectives import DEARER, PERIOD_DAYS
from rules.recorded import BUDGET, budget_burn, burn

from boards import links, words
from boards import queries as ask
from boards.frame import Title, board
from boards.panels import A_MINUTE, SMALL, Column, Limits, Look, PanelBuilder, Query, Words, figure, lines, rows
from boards.queries import CURRENCY, MODEL, OF_PROCESSES, PROVIDER, RANGE, RATE, SERVICE, named, total
from boards.variables import for_money

TITLE: Final = Title(
    "cost", links.COST, "What calls cost, what is saved and wasted, and how much of it is not known.", since="now-24h"
)
BY_MODEL: Final = f"{named(MODEL)} {named(CURRENCY)}"
IN: Final = named(CURRENCY)
TO_CALLS: Final = links.to_calls((MODEL,))
ALL_CALLS: Final = total("increase", ask.CALLS, RANGE)
TOKENS: Final = (
    (ask.INPUT, "input"),
    (ask.CACHE_READ, "input, read from a cache"),
    (ask.CACHE_WRITE, "input, written to a cache"),
    (ask.OUTPUT, "output"),
    (ask.REASONING, "output, reasoning"),
)


def cost() -> Dashboard:
    return board(
        TITLE,
        for_money(),
        [
            ("In this time range", _figures()),
            ("Spending", _spending()),
            ("Caches and waste", _waste()),
            ("What is not known", _unknown()),
            ("By model", _models()),
        ],
    )


def _figures() -> Sequence[PanelBuilder]:
    spent = total("increase", ask.COST, RANGE, (CURRENCY,))
    per_day = total("rate", ask.COST, RANGE, (CURRENCY,))
    unpriced = total("increase", ask.UNPRICED_CALLS, RANGE)
    return [
        figure(
            Words(
                "Cost",
                "Sum over the calls that have a price, by currency. Unpriced calls are not in it.",
                words.NO_COST,
            ),
            "short",
            Query(f"{spent} > 0", IN),
        ),
        figure(
            Words(
                f"In {PERIOD_DAYS} days",
                f"What {PERIOD_DAYS} days cost if they go on like this time range. Choose whole days, or whole weeks.",
                words.NO_COST,
            ),
            "short",
            Query(f"{per_day} * {PERIOD_DAYS * 86_400} > 0", IN),
        ),
        figure(
            Words(
                "Cost per call",
                "Mean over the calls that have a price, each currency by itself: over the calls that were paid in it.",
                words.NO_COST,
            ),
            "short",
            Query(f"{ask.cost_per_call(RANGE)} > 0", IN),
        ),
        figure(
            Words(
                "Saved by caches",
                "What the same calls would have cost without a cache, less what they cost. Below zero where writing "
                "cost more than reading saved.",
                words.NO_CACHE,
            ),
            "short",
            Query(ask.net_savings("increase", RANGE), IN),
            look=replace(SMALL, below_zero=True),
        ),
        figure(
            Words(
                "Cut streams, at least",
                "What the tokens cost that had been reported of streams that were cut. No part of the cost: what the "
                "provider bills for them is more, and unknown.",
                words.NO_CUT,
            ),
            "short",
            Query(f"{total('increase', ask.CUT_COST, RANGE, (CURRENCY,))} > 0", IN),
        ),
        figure(
            Words("Unpriced", "Share of calls whose cost is unknown, which is not zero.", words.NO_CALLS),
            "percentunit",
            Query(ask.ratio(unpriced, ALL_CALLS)),
            look=replace(SMALL, limits=Limits(0.05, 0.2)),
        ),
    ]


def _spending() -> Sequence[PanelBuilder]:
    per_second, by_service = (
        total("rate", ask.COST, RATE, (label, CURRENCY), (ask.IN_CURRENCY,)) for label in (MODEL, SERVICE)
    )
    of_model = (MODEL, CURRENCY)
    this_week, last_week = (ask.cost_per_call(f"[1h]{offset}", of_model) for offset in ("", " offset 1w"))
    return [
        lines(
            Words(
                "Cost per hour by model",
                f"At the rate of the moment, {words.IN_ONE_CURRENCY}. Unpriced calls are not in it.",
                words.NO_COST,
            ),
            "short",
            Query(f"{per_second} * 3600", BY_MODEL),
            look=Look(stacked=True, link=TO_CALLS),
        ),
        lines(
            Words("Cost per hour by service", "The same, by who spends it.", words.NO_COST),
            "short",
            Query(f"{by_service} * 3600", f"{named(SERVICE)} {IN}"),
            look=Look(stacked=True),
        ),
        lines(
            Words(
                "Cost per call by model",
                "Mean over the calls of the last hour that have a price. Longer prompts, more output and caches that "
                "hit less make it rise, however many calls there are.",
                words.NO_COST,
            ),
            "short",
            Query(ask.cost_per_call("[1h]", of_model), BY_MODEL),
            look=Look(link=TO_CALLS),
        ),
        lines(
            Words(
                "Cost per call against last week",
                "The mean of the last hour divided by that of the same hour a week before, by model, within one "
                f"currency: 2 is twice as dear. The alert fires above {DEARER:g}.",
                words.NO_LAST_WEEK,
            ),
            "none",
            Query(f"({this_week}) / ({last_week} > 0)", BY_MODEL),
            look=Look(limits=Limits(DEARER, 2), link=TO_CALLS),
        ),
        lines(
            Words(
                "Budget burn",
                f"How fast the money of {BUDGET} is spent: 1 spends it in exactly {PERIOD_DAYS} days. The alerts "
                "fire at 14.4 over an hour and at 6 over six.",
                "no budget, or no recording rules: see the README beside the boards",
            ),
            "none",
            *(Query(budget_burn(window), f"{window} {named(SERVICE)} {IN}") for window in ("1h", "1d")),
            look=Look(limits=Limits(1, 6)),
        ),
        lines(
            Words(
                "Tokens per minute",
                "As the providers counted them. Cached tokens are part of the input, reasoning is part of the output, "
                "and calls without reported usage are in neither.",
                words.NO_TOKENS,
            ),
            A_MINUTE,
            *(Query(ask.per_minute(series), name) for series, name in TOKENS),
        ),
    ]


def _waste() -> Sequence[PanelBuilder]:
    read, given = (total("rate", name, RATE, (MODEL,)) for name in (ask.CACHE_READ, ask.INPUT))
    cut = total("rate", ask.CUT_COST, RATE, (ask.OUTCOME, CURRENCY), (ask.IN_CURRENCY,))
    return [
        lines(
            Words("Cache hits", "Share of input tokens that were read from a cache, by model.", words.NO_TOKENS),
            "percentunit",
            Query(ask.share(read, given, (MODEL,)), named(MODEL)),
            look=Look(width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Saved by caches per hour",
                "By model. A line below zero writes to a cache what is hardly ever read.",
                words.NO_CACHE,
            ),
            "short",
            Query(f"({ask.net_savings('rate', RATE, (MODEL, CURRENCY))}) * 3600", BY_MODEL),
            look=Look(below_zero=True, width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Cut streams per hour, at least",
                f"By who or what cut them, {words.IN_ONE_CURRENCY}. Callers who leave early still pay for what was "
                "written until then.",
                words.NO_CUT,
            ),
            "short",
            Query(f"{cut} * 3600", f"{named(ask.OUTCOME)} {IN}"),
            look=Look(stacked=True, width=8, link=links.to_board("Streaming", links.STREAMING)),
        ),
    ]


def _unknown() -> Sequence[PanelBuilder]:
    rate = total("rate", ask.CALLS, RATE)
    unpriced = total("rate", ask.UNPRICED_CALLS, RATE, (ask.UNPRICED,))
    by_model = total("increase", ask.UNPRICED_CALLS, RANGE, (PROVIDER, MODEL, ask.UNPRICED))
    known = total("rate", ask.CALLS, RATE, (ask.USAGE,), (f'{ask.USAGE}!=""',))
    whole = total("rate", ask.CALLS, RATE, where=(f'{ask.USAGE}!=""',))
    return [
        lines(
            Words(
                "Unpriced calls by reason",
                "Share of all calls whose cost is unknown. docs/prices.md says what each reason means.",
                words.NO_UNPRICED,
            ),
            "percentunit",
            Query(ask.share(unpriced, rate), named(ask.UNPRICED)),
            look=Look(stacked=True),
        ),
        lines(
            Words(
                "Unpriced calls, against what is promised",
                "How fast calls without a cost use up their budget: 1 uses it up in exactly its period.",
                words.NO_RULES,
            ),
            "none",
            *(
                Query(
                    f"max by ({SERVICE}) ({burn('unpriced', window, OF_PROCESSES)})",
                    f"{window} {named(SERVICE)}",
                )
                for window in ("1h", "6h")
            ),
            look=Look(limits=Limits(6, 14.4)),
        ),
        lines(
            Words(
                "Where token counts come from",
                "Share of calls whose provider told the final counts, those of a cut stream so far, or none. Nothing "
                "is estimated: what is not final has no cost.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(ask.share(known, whole), named(ask.USAGE)),
            look=Look(stacked=True),
        ),
        rows(
            Words(
                "Unpriced models",
                "Calls without a cost, by model and reason: what to add to the price file.",
                words.NO_UNPRICED,
            ),
            (
                Column(PROVIDER, "provider"),
                Column(MODEL, "model"),
                Column(ask.UNPRICED, "reason"),
                Column("Value #A", "calls", "short"),
            ),
            Query(f"{ask.whole(by_model)} > 0"),
        ),
    ]


def _models() -> Sequence[PanelBuilder]:
    labels = (PROVIDER, MODEL)
    calls, spent = total("increase", ask.CALLS, RANGE, labels), total("increase", ask.COST, RANGE, (*labels, CURRENCY))
    read, given = (total("increase", name, RANGE, labels) for name in (ask.CACHE_READ, ask.INPUT))
    return [
        rows(
            Words(
                "Models",
                "Each model in this time range, and each currency in which it was paid. Calls and tokens are all "
                "of the model's.",
                words.NO_CALLS,
            ),
            (
                Column(PROVIDER, "provider"),
                Column(MODEL, "model"),
                Column(CURRENCY, "currency"),
                Column("Value #A", "calls", "short"),
                Column("Value #C", "input tokens", "short"),
                Column("Value #D", "output tokens", "short"),
                Column("Value #E", "from cache", "percentunit"),
                Column("Value #B", "cost", "short"),
            ),
            Query(f"{ask.whole(calls)} > 0"),
            Query(f"{spent} > 0"),
            Query(given),
            Query(total("increase", ask.OUTPUT, RANGE, labels)),
            Query(ask.share(read, given, labels)),
            width=24,
        )
    ]
