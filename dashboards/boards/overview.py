"""The board that hangs on the wall: are calls answered, in time, and at what cost, and can this be believed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard
from rules.recorded import burn

from boards import links, words
from boards.frame import Title, board
from boards.panels import A_MINUTE, SMALL, Limits, Look, PanelBuilder, Query, Words, figure, lines
from boards.queries import (
    ACTIVE_CALLS,
    CACHE_READ,
    CALLS,
    COST,
    CURRENCY,
    CUT_BY_CALLER,
    DURATION,
    ERRORS,
    FAILED,
    FIRST_TOKEN,
    IN_CURRENCY,
    INPUT,
    KIND,
    LOSSES,
    MODEL,
    OF_PROCESSES,
    RANGE,
    RATE,
    SERVICE,
    STREAMED,
    TRUNCATED,
    UNPRICED_CALLS,
    named,
    net_savings,
    now,
    of_process,
    per_minute,
    percentile,
    ratio,
    total,
    whole,
)
from boards.variables import for_money

TITLE: Final = Title(
    "overview", links.OVERVIEW, "Whether calls to models are answered, in time, and at what cost: all on one screen."
)
ALL_CALLS: Final = total("increase", CALLS, RANGE)


def overview() -> Dashboard:
    return board(
        TITLE,
        for_money(),
        [
            ("Answers", _answers()),
            ("Money and what is known", _money()),
            ("Promises", _promises()),
            ("Over time", _over_time()),
        ],
    )


def _answers() -> Sequence[PanelBuilder]:
    failed, cut, truncated = (
        total("increase", CALLS, RANGE, where=where)
        for where in ((FAILED,), (STREAMED, CUT_BY_CALLER), (f'{TRUNCATED}="true"',))
    )
    streams = total("increase", CALLS, RANGE, where=(STREAMED,))
    return [
        figure(
            Words("Calls", "Calls that ended in this time range.", words.NO_CALLS),
            "short",
            Query(f"{whole(ALL_CALLS)} > 0"),
        ),
        figure(
            Words(
                "Failed",
                "Share of calls that failed or timed out. A caller's own cancellation is not one.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(ratio(failed, ALL_CALLS)),
            look=replace(SMALL, limits=Limits(0.01, 0.05), link=links.to_board("Errors", links.ERRORS)),
        ),
        figure(
            Words(
                "First token p95",
                f"From the start of a streamed call to the first text, reasoning or tool call. {words.CAP}",
                words.NO_STREAMS,
            ),
            "s",
            Query(percentile(FIRST_TOKEN, 0.95, RANGE, by=())),
            look=replace(SMALL, limits=Limits(3, 10), link=links.to_board("Latency", links.LATENCY)),
        ),
        figure(
            Words("Duration p95", f"From the start of a call to its last byte or its end. {words.CAP}", words.NO_CALLS),
            "s",
            Query(percentile(DURATION, 0.95, RANGE, by=())),
            look=replace(SMALL, link=links.to_board("Latency", links.LATENCY)),
        ),
        figure(
            Words("Cut streams", "Share of streams that the caller closed, dropped or cancelled.", words.NO_STREAMS),
            "percentunit",
            Query(ratio(cut, streams)),
            look=replace(SMALL, limits=Limits(0.2), link=links.to_board("Streaming", links.STREAMING)),
        ),
        figure(
            Words("Truncated", "Share of calls whose answer a limit on tokens ended, not the model.", words.NO_CALLS),
            "percentunit",
            Query(ratio(truncated, ALL_CALLS)),
            look=replace(SMALL, limits=Limits(0.05), link=links.to_board("Errors", links.ERRORS)),
        ),
    ]


def _money() -> Sequence[PanelBuilder]:
    to_cost = links.to_board("Cost", links.COST)
    return [
        figure(
            Words(
                "Cost",
                "Sum over the calls that have a price, by currency. Unpriced calls are not in it.",
                words.NO_COST,
            ),
            "short",
            Query(f"{total('increase', COST, RANGE, (CURRENCY,))} > 0", named(CURRENCY)),
            look=replace(SMALL, link=to_cost),
        ),
        figure(
            Words(
                "Saved by caches",
                "What the same calls would have cost without a cache, less what they cost. Below zero where writing "
                "cost more than reading saved.",
                words.NO_CACHE,
            ),
            "short",
            Query(net_savings("increase", RANGE), named(CURRENCY)),
            look=replace(SMALL, below_zero=True, link=to_cost),
        ),
        figure(
            Words("Input from cache", "Share of input tokens that were read from a cache.", words.NO_TOKENS),
            "percentunit",
            Query(ratio(total("increase", CACHE_READ, RANGE), total("increase", INPUT, RANGE))),
            look=replace(SMALL, link=to_cost),
        ),
        figure(
            Words("Unpriced", "Share of calls whose cost is unknown, which is not zero.", words.NO_CALLS),
            "percentunit",
            Query(ratio(total("increase", UNPRICED_CALLS, RANGE), ALL_CALLS)),
            look=replace(SMALL, limits=Limits(0.05, 0.2), link=to_cost),
        ),
        figure(
            Words("Running now", "Calls that have begun and not ended.", "no process that has made a call reports"),
            "short",
            Query(now(ACTIVE_CALLS)),
        ),
        figure(
            Words(
                "Lost telemetry",
                "Calls, spans, log records and exports that were to be delivered and were not. What is shown here is "
                "less than what was.",
                words.NO_PROCESSES,
            ),
            "short",
            Query(f"{whole(total('increase', of_process(LOSSES), RANGE))} or {now(of_process(ACTIVE_CALLS))} * 0"),
            look=replace(SMALL, limits=Limits(1), link=links.to_board("Fleet health", links.FLEET)),
        ),
    ]


def _promises() -> Sequence[PanelBuilder]:
    return [
        lines(
            Words(
                title,
                f"{meaning} 1 uses the budget of the promise up in exactly its period; the alerts fire at 14.4 over an "
                "hour and at 6 over six.",
                words.NO_RULES,
            ),
            "none",
            *(
                Query(f"max by ({SERVICE}) ({burn(what, window, OF_PROCESSES)})", f"{window} {named(SERVICE)}")
                for window in ("1h", "6h")
            ),
            look=Look(limits=Limits(6, 14.4)),
        )
        for title, what, meaning in (
            ("Failures, against what is promised", "failed", "How fast calls that fail use up the budget of failures."),
            ("Slow first tokens, against what is promised", "slow", "How fast slow first tokens use up their budget."),
        )
    ]


def _over_time() -> Sequence[PanelBuilder]:
    by_model, calls_of_model = named(MODEL), links.to_calls((MODEL,))
    per_second = total("rate", COST, RATE, (MODEL, CURRENCY), (IN_CURRENCY,))
    return [
        lines(
            Words("Calls per minute", "Calls that ended, by model.", words.NO_CALLS),
            A_MINUTE,
            Query(per_minute(CALLS, (MODEL,)), by_model),
            look=Look(stacked=True, link=calls_of_model),
        ),
        lines(
            Words("First token p95 by model", f"Streamed calls only. {words.CAP}", words.NO_STREAMS),
            "s",
            Query(percentile(FIRST_TOKEN, 0.95), by_model),
            look=Look(exemplars=True, link=calls_of_model),
        ),
        lines(
            Words(
                "Failures per minute by kind",
                "Failed calls by what kind of error it was: one word for all providers.",
                words.NO_FAILURES,
            ),
            A_MINUTE,
            Query(per_minute(ERRORS, (KIND,)), named(KIND)),
            look=Look(stacked=True, link=links.to_board("Errors", links.ERRORS)),
        ),
        lines(
            Words(
                "Cost per hour",
                f"At the rate of the moment, by model, {words.IN_ONE_CURRENCY}. Unpriced calls are not in it.",
                words.NO_COST,
            ),
            "short",
            Query(f"{per_second} * 3600", f"{by_model} {named(CURRENCY)}"),
            look=Look(stacked=True, link=calls_of_model),
        ),
    ]
