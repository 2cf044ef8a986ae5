"""What fails, what is tried again, and what looks like an answer and is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from boards import links, words
from boards import queries as ask
from boards.frame import Title, board
from boards.panels import A_MINUTE, SMALL, Column, Limits, Look, PanelBuilder, Query, Words, figure, lines, rows
from boards.queries import ERROR, FAILED, KIND, MODEL, PROVIDER, RANGE, RATE, named, total
from boards.variables import for_calls
from firsttoken.semconv.prometheus import series

TITLE: Final = Title(
    "errors", links.ERRORS, "What fails and why, what retries hide and cost, and answers that are none."
)
ALL_CALLS: Final = total("increase", ask.CALLS, RANGE)
CALLS_NOW: Final = total("rate", ask.CALLS, RATE)
TO_CALLS: Final = links.to_calls((MODEL,))
WITH_ERROR: Final = (f'{ERROR}!=""',)
CUT_SHORT: Final = f'{ask.TRUNCATED}="true"'


def errors() -> Dashboard:
    return board(
        TITLE,
        for_calls(),
        [
            ("In this time range", _figures()),
            ("Failures", _failures()),
            ("Retries", _retries()),
            ("Answers that are none", _no_answers()),
        ],
    )


def _figures() -> Sequence[PanelBuilder]:
    kinds = (
        ("Rate limited", "rate_limit|quota", "by a limit or a quota of the provider's"),
        ("Overloaded", "overloaded|server", "because the provider was overloaded or broken"),
        ("Timed out", "timeout", "because the client's time limit was over"),
        (
            "For somebody to act on",
            "auth|permission|not_found|bad_request|context_length",
            "in a way that repeats until it is mended",
        ),
    )
    return [
        figure(
            Words(
                "Failed",
                "Share of calls that failed or timed out. A caller's own cancellation is not one.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(ask.ratio(total("increase", ask.CALLS, RANGE, where=(FAILED,)), ALL_CALLS)),
            look=replace(SMALL, limits=Limits(0.01, 0.05)),
        ),
        *(
            figure(
                Words(title, f"Share of calls that failed {why}.", words.NO_CALLS),
                "percentunit",
                Query(ask.ratio(total("increase", ask.ERRORS, RANGE, where=(f'{KIND}=~"{kind}"',)), ALL_CALLS)),
                look=replace(SMALL, limits=Limits(0.01, 0.05)),
            )
            for title, kind, why in kinds
        ),
        figure(
            Words(
                "Time lost to retries",
                "Share of the duration of all calls, embeddings and fetches too, that went into failed attempts and "
                "the waits after them. The callers waited for it, and most programs never show it.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(ask.ratio(total("increase", ask.RETRY_TIME, RANGE), ask.time_of_calls("increase", RANGE))),
            look=replace(SMALL, limits=Limits(0.05, 0.2)),
        ),
    ]


def _failures() -> Sequence[PanelBuilder]:
    labels = (PROVIDER, MODEL)
    failed = total("increase", series(ask.DURATION, "count"), RANGE, (*labels, ERROR), WITH_ERROR)
    of_model = total("rate", ask.CALLS, RATE, (MODEL,))
    return [
        lines(
            Words(
                "Failures per minute by kind",
                "Failed calls, embeddings and fetches too, by what kind of error it was: one word for all providers.",
                words.NO_FAILURES,
            ),
            A_MINUTE,
            Query(ask.per_minute(ask.ERRORS, (KIND,)), named(KIND)),
            look=Look(stacked=True, link=links.to_calls()),
        ),
        lines(
            Words("Failed calls by model", "Share of the calls of each model.", words.NO_CALLS),
            "percentunit",
            Query(
                f"({total('rate', ask.CALLS, RATE, (MODEL,), (FAILED,))} or {of_model} * 0) / ({of_model} > 0)",
                named(MODEL),
            ),
            look=Look(limits=Limits(0.01, 0.05), link=TO_CALLS),
        ),
        rows(
            Words(
                "Errors by model",
                "Failed inferences of each model in the provider's own words, and their share of its inferences.",
                words.NO_FAILURES,
            ),
            (
                Column(PROVIDER, "provider"),
                Column(MODEL, "model"),
                Column(ERROR, "error"),
                Column("Value #B", "share of calls", "percentunit"),
                Column("Value #A", "calls", "short"),
            ),
            Query(f"{ask.whole(failed)} > 0"),
            Query(
                ask.share(f"({failed} > 0)", total("increase", series(ask.DURATION, "count"), RANGE, labels), labels)
            ),
            width=24,
        ),
    ]


def _retries() -> Sequence[PanelBuilder]:
    return [
        lines(
            Words(
                "Retries per minute by kind",
                "Attempts that an SDK followed by another. Most callers never see them; they rise before calls fail.",
                words.NO_RETRIES,
            ),
            A_MINUTE,
            Query(ask.per_minute(ask.RETRIES, (KIND,)), named(KIND)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words(
                "Callers who wait for retries",
                "Seconds of waiting in each second, by kind: how many callers stand in a retry at any time.",
                words.NO_RETRIES,
            ),
            "none",
            Query(total("rate", ask.RETRY_TIME, RATE, (KIND,)), named(KIND)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words(
                "Retries per call by model",
                "How many attempts a call needed beside the last, on average.",
                words.NO_RETRIES,
            ),
            "none",
            Query(
                ask.share(
                    total("rate", ask.RETRIES, RATE, (MODEL,)), total("rate", ask.CALLS, RATE, (MODEL,)), (MODEL,)
                ),
                named(MODEL),
            ),
            look=Look(width=8, link=TO_CALLS),
        ),
    ]


def _no_answers() -> Sequence[PanelBuilder]:
    of_model = total("rate", ask.CALLS, RATE, (MODEL,))
    truncated = total("rate", ask.CALLS, RATE, (MODEL,), (CUT_SHORT,))
    return [
        lines(
            Words(
                "Truncated answers",
                "Share of the calls of each model whose answer a limit on tokens ended.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(f"({truncated} or {of_model} * 0) / ({of_model} > 0)", named(MODEL)),
            look=Look(limits=Limits(0.05), width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Empty answers",
                "Share of calls that ended well with neither text nor a tool call, by what they had instead.",
                "no empty answers in this time range",
            ),
            "percentunit",
            Query(ask.share(total("rate", ask.EMPTY_RESPONSES, RATE, (ask.EMPTY,)), CALLS_NOW), named(ask.EMPTY)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words("How calls end", "Share of all calls by how they ended.", words.NO_CALLS),
            "percentunit",
            Query(ask.share(total("rate", ask.CALLS, RATE, (ask.OUTCOME,)), CALLS_NOW), named(ask.OUTCOME)),
            look=Look(stacked=True, width=8),
        ),
    ]
