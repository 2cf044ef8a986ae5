"""How streams go: who cuts them and at what cost, where they stutter and stall, and how they are passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from boards import links, words
from boards import queries as ask
from boards.frame import Title, board
from boards.panels import A_MINUTE, SMALL, Limits, Look, PanelBuilder, Query, Words, figure, heat, lines
from boards.queries import CURRENCY, CUT_BY_CALLER, MODEL, RANGE, RATE, STREAMED, named, of_process, total
from boards.variables import for_money
from firsttoken.semconv.prometheus import series

TITLE: Final = Title(
    "streaming", links.STREAMING, "Who cuts streams and what that costs, where they stutter and stall."
)
TO_CALLS: Final = links.to_calls((MODEL,))
STREAMS: Final = total("increase", ask.CALLS, RANGE, where=(STREAMED,))
STREAMS_NOW: Final = total("rate", ask.CALLS, RATE, where=(STREAMED,))
NOT_SERVED: Final = "no streamed responses of a server that is wrapped in StreamLifecycle"


def streaming() -> Dashboard:
    return board(
        TITLE,
        for_money(),
        [
            ("In this time range", _figures()),
            ("Cut streams", _cut()),
            ("Stutter and stalls", _stalls()),
            ("What the application sends on", _sent_on()),
        ],
    )


def _figures() -> Sequence[PanelBuilder]:
    cut = total("increase", ask.CALLS, RANGE, where=(STREAMED, CUT_BY_CALLER))
    stalls = total("increase", ask.STALLS, RANGE)
    return [
        figure(
            Words("Streams", "Streamed calls that ended.", words.NO_STREAMS),
            "short",
            Query(f"{ask.whole(STREAMS)} > 0"),
        ),
        figure(
            Words("Streamed", "Share of calls that were streamed.", words.NO_CALLS),
            "percentunit",
            Query(ask.ratio(STREAMS, total("increase", ask.CALLS, RANGE))),
        ),
        figure(
            Words(
                "Cut by the caller", "Share of streams that were closed early, dropped or cancelled.", words.NO_STREAMS
            ),
            "percentunit",
            Query(ask.ratio(cut, STREAMS)),
            look=replace(SMALL, limits=Limits(0.2)),
        ),
        figure(
            Words(
                "Cut streams, at least",
                "What the tokens cost that had been reported of streams that were cut. No part of the cost, and less "
                "than the provider bills.",
                words.NO_CUT,
            ),
            "short",
            Query(f"{total('increase', ask.CUT_COST, RANGE, (CURRENCY,))} > 0", named(CURRENCY)),
        ),
        figure(
            Words(
                "Stalls per 1,000 streams",
                "How often a stream said nothing new for FIRSTTOKEN_STALL_S.",
                words.NO_STREAMS,
            ),
            "short",
            Query(f"1000 * {ask.ratio(stalls, STREAMS)}"),
            look=replace(SMALL, limits=Limits(10, 50)),
        ),
        figure(
            Words(
                "Between chunks p99",
                f"The longest hundredth of the waits between two chunks. {words.CAP}",
                words.NO_STREAMS,
            ),
            "s",
            Query(ask.percentile(ask.BETWEEN_CHUNKS, 0.99, RANGE, by=())),
            look=replace(SMALL, limits=Limits(1, 5)),
        ),
    ]


def _cut() -> Sequence[PanelBuilder]:
    of_model = total("rate", ask.CALLS, RATE, (MODEL,), (STREAMED,))
    cut = total("rate", ask.CALLS, RATE, (MODEL,), (STREAMED, CUT_BY_CALLER))
    cost = total("rate", ask.CUT_COST, RATE, (MODEL, CURRENCY), (ask.IN_CURRENCY,))
    return [
        lines(
            Words("How streams end", "Share of all streams by how they ended.", words.NO_STREAMS),
            "percentunit",
            Query(
                ask.share(total("rate", ask.CALLS, RATE, (ask.OUTCOME,), (STREAMED,)), STREAMS_NOW), named(ask.OUTCOME)
            ),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words(
                "Cut by the caller, by model",
                "Share of the streams of each model. Slow models lose their readers.",
                words.NO_STREAMS,
            ),
            "percentunit",
            Query(f"({cut} or {of_model} * 0) / ({of_model} > 0)", named(MODEL)),
            look=Look(limits=Limits(0.2), width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Cost of cut streams per hour, at least",
                f"What had been reported when they were cut, by model, {words.IN_ONE_CURRENCY}. No part of the cost: a "
                "lower bound.",
                words.NO_CUT,
            ),
            "short",
            Query(f"{cost} * 3600", f"{named(MODEL)} {named(CURRENCY)}"),
            look=Look(stacked=True, width=8, link=TO_CALLS),
        ),
    ]


def _stalls() -> Sequence[PanelBuilder]:
    stalls = total("rate", ask.STALLS, RATE, (ask.STAGE,))
    by_model = total("rate", ask.STALLS, RATE, (MODEL,))
    of_model = total("rate", ask.CALLS, RATE, (MODEL,), (STREAMED,))
    return [
        lines(
            Words(
                "Stalls per 1,000 streams, by stage",
                "By where in the stream: before its first content, as of a model that still thinks, or in the middle. "
                "Counted while a stall lasts.",
                words.NO_STALLS,
            ),
            "short",
            Query(f"1000 * {ask.share(stalls, STREAMS_NOW)}", named(ask.STAGE)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words("Stalls per 1,000 streams, by model", "Wherever in the stream.", words.NO_STALLS),
            "short",
            Query(f"1000 * {ask.share(by_model, of_model, (MODEL,))}", named(MODEL)),
            look=Look(width=8, link=TO_CALLS),
        ),
        lines(
            Words(
                "Time between chunks p99", f"What a reader feels as stutter, by model. {words.CAP}", words.NO_STREAMS
            ),
            "s",
            Query(ask.percentile(ask.BETWEEN_CHUNKS, 0.99), named(MODEL)),
            look=Look(exemplars=True, limits=Limits(1, 5), width=8, link=TO_CALLS),
        ),
        heat(
            Words(
                "Spread of generation times",
                "How many streams took how long from their first token to their last chunk.",
                words.NO_STREAMS,
            ),
            Query(ask.buckets(ask.GENERATION), "{{le}}"),
        ),
        heat(
            Words(
                "Spread of the time between chunks",
                "How many chunks came how long after the one before.",
                words.NO_STREAMS,
            ),
            Query(ask.buckets(ask.BETWEEN_CHUNKS), "{{le}}"),
        ),
    ]


def _sent_on() -> Sequence[PanelBuilder]:
    ends = ask.per_minute(of_process(ask.STREAM_ENDS), (ask.STREAM_END,))
    served = total("rate", of_process(series(ask.STREAM_DURATION, "bucket")), RATE, (ask.SERVICE, "le"))
    return [
        lines(
            Words(
                "Open streams",
                "Streamed responses of the application's own server that run now, by service.",
                NOT_SERVED,
            ),
            "short",
            Query(ask.now(of_process(ask.ACTIVE_STREAMS), (ask.SERVICE,)), named(ask.SERVICE)),
            look=Look(width=8),
        ),
        lines(
            Words(
                "How they end",
                "Per minute: whole, because the client went away, cancelled, or with an error.",
                NOT_SERVED,
            ),
            A_MINUTE,
            Query(ends, named(ask.STREAM_END)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words("How long they last", "95th percentile by service, to the last byte that was sent.", NOT_SERVED),
            "s",
            Query(f"histogram_quantile(0.95, {served}) >= 0", named(ask.SERVICE)),
            look=Look(exemplars=True, width=8),
        ),
    ]
