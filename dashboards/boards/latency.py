"""Where the time goes: until the first token, while the answer is written, and against last week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from boards import links, words
from boards.frame import Title, board
from boards.panels import SMALL, Column, Limits, Look, PanelBuilder, Query, Words, figure, heat, lines, rows
from boards.queries import (
    BETWEEN_CHUNKS,
    CALLS,
    DURATION,
    FIRST_TOKEN,
    GENERATES_NOTHING,
    GENERATION,
    MODEL,
    OPERATION,
    OTHER_DURATION,
    PROVIDER,
    RANGE,
    RATE,
    STREAMED,
    beyond_last_bucket,
    buckets,
    mean,
    named,
    percentile,
    total,
    whole,
)
from boards.variables import for_calls
from firsttoken.semconv.prometheus import series

TITLE: Final = Title("latency", links.LATENCY, "How long callers wait, and for what: the first token or the rest.")
BY_MODEL: Final = named(MODEL)
TO_CALLS: Final = links.to_calls((MODEL,))
LIMITS: Final = Limits(3, 10)
GIVEN: Final = (PROVIDER, MODEL)


def latency() -> Dashboard:
    return board(
        TITLE,
        for_calls(),
        [
            ("In this time range", _figures()),
            ("First token and generation", _parts()),
            ("Whole calls", _whole()),
            ("Against last week, and by model", _compared()),
        ],
    )


def _figures() -> Sequence[PanelBuilder]:
    first, generation = (mean(metric, RANGE) for metric in (FIRST_TOKEN, GENERATION))
    return [
        *(
            figure(
                Words(f"First token p{q * 100:g}", f"Streamed calls only. {words.CAP}", words.NO_STREAMS),
                "s",
                Query(percentile(FIRST_TOKEN, q, RANGE, by=())),
                look=replace(SMALL, limits=LIMITS),
            )
            for q in (0.5, 0.95, 0.99)
        ),
        figure(
            Words(
                "Generation p95", f"From the first token of a stream to its last chunk. {words.CAP}", words.NO_STREAMS
            ),
            "s",
            Query(percentile(GENERATION, 0.95, RANGE, by=())),
        ),
        figure(
            Words(
                "Share of the wait",
                "How much of a stream's time is over before its first token, on average. Prompts, queues and reasoning "
                "make it large; long answers and slow models make it small.",
                words.NO_STREAMS,
            ),
            "percentunit",
            Query(f"({first}) / ({first} + {generation})"),
        ),
        figure(
            Words(
                "Off the scale",
                "Share of values above the last bound of their histogram. Where it is not zero, percentiles lie.",
                words.NO_CALLS,
            ),
            "percentunit",
            Query(beyond_last_bucket(FIRST_TOKEN), "first token"),
            Query(beyond_last_bucket(GENERATION), "generation"),
            Query(beyond_last_bucket(DURATION), "whole call"),
            look=replace(SMALL, limits=Limits(0.01)),
        ),
    ]


def _parts() -> Sequence[PanelBuilder]:
    return [
        lines(
            Words(
                "First token",
                f"From the start to the first text, reasoning or tool call, by model. {words.CAP}",
                words.NO_STREAMS,
            ),
            "s",
            *(Query(percentile(FIRST_TOKEN, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.95, 0.99)),
            look=Look(exemplars=True, limits=LIMITS, link=TO_CALLS),
        ),
        lines(
            Words("Generation", f"From the first token to the last chunk, by model. {words.CAP}", words.NO_STREAMS),
            "s",
            *(Query(percentile(GENERATION, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.95)),
            look=Look(exemplars=True, link=TO_CALLS),
        ),
        lines(
            Words(
                "What a stream's time is made of",
                "The mean wait for the first token, and the mean time that the rest took, one on the other.",
                words.NO_STREAMS,
            ),
            "s",
            Query(mean(FIRST_TOKEN), "until the first token"),
            Query(mean(GENERATION), "generation"),
            look=Look(stacked=True),
        ),
        heat(
            Words(
                "Spread of first tokens",
                "How many first tokens came after how long. Two bands are two kinds of calls.",
                words.NO_STREAMS,
            ),
            Query(buckets(FIRST_TOKEN), "{{le}}"),
        ),
    ]


def _whole() -> Sequence[PanelBuilder]:
    other = total("rate", series(OTHER_DURATION, "bucket"), RATE, (OPERATION, "le"), (GENERATES_NOTHING,))
    return [
        lines(
            Words(
                "Duration",
                f"From the start of a call to its last byte or its end, by model. {words.CAP}",
                words.NO_CALLS,
            ),
            "s",
            *(Query(percentile(DURATION, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.95)),
            look=Look(exemplars=True, width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Time between chunks",
                f"Time from one chunk of a stream to the next, by model: what a reader feels as stutter. {words.CAP}",
                words.NO_STREAMS,
            ),
            "s",
            *(Query(percentile(BETWEEN_CHUNKS, q), f"p{q * 100:g} {BY_MODEL}") for q in (0.5, 0.99)),
            look=Look(exemplars=True, width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Other operations p95",
                "Embeddings, fetched answers, batches and counts of tokens: all that generates nothing.",
                "no other operations in this time range",
            ),
            "s",
            Query(f"histogram_quantile(0.95, {other}) >= 0", named(OPERATION)),
            look=Look(exemplars=True, width=8),
        ),
    ]


def _compared() -> Sequence[PanelBuilder]:
    now, then = (percentile(FIRST_TOKEN, 0.95, f"[1h]{offset}") for offset in ("", " offset 1w"))
    streamed = total("increase", CALLS, RANGE, GIVEN, (STREAMED,))
    return [
        lines(
            Words(
                "First token p95 against last week",
                "The last hour divided by the same hour a week before, by model: 1 is as fast, 2 is twice as slow.",
                words.NO_LAST_WEEK,
            ),
            "none",
            Query(f"({now}) / ({then})", BY_MODEL),
            look=Look(width=10, limits=Limits(1.3, 2), link=TO_CALLS),
        ),
        rows(
            Words(
                "Models",
                f"The streams of each model in this time range. {words.CAP}",
                words.NO_STREAMS,
            ),
            (
                Column(PROVIDER, "provider"),
                Column(MODEL, "model"),
                Column("Value #B", "first token p50", "s"),
                Column("Value #C", "first token p95", "s"),
                Column("Value #D", "generation p95", "s"),
                Column("Value #A", "streams", "short"),
            ),
            Query(f"{whole(streamed)} > 0"),
            Query(percentile(FIRST_TOKEN, 0.5, RANGE, GIVEN)),
            Query(percentile(FIRST_TOKEN, 0.95, RANGE, GIVEN)),
            Query(percentile(GENERATION, 0.95, RANGE, GIVEN)),
            width=14,
        ),
    ]
