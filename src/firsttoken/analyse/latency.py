"""How long calls took, and where the time went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import (
    group,
    in_seconds,
    integer,
    integer_or_none,
    reals,
    seconds_or_none,
    text,
    text_or_none,
)
from firsttoken.analyse.options import AtMost, Group, Options
from firsttoken.store import Reader, Row, Selection

Mark = Literal["headers", "first_event", "first_token", "total"]
"""Moments after the start of a call: its headers, a stream's first event and its first one with content, its end."""
MARKS: Final[tuple[Mark, ...]] = ("headers", "first_event", "first_token", "total")

UPPER_NS: Final = tuple(tenths * 10**power for power in range(5, 11) for tenths in (10, 15, 20, 30, 50, 70))
"""From 1 ms to 700 s, where the bars of a histogram end: those of `latency_histogram.sql` and `heatmap.sql`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyOptions(Options):
    """And which of the slowest calls are named."""

    slowest: AtMost = 5
    slowest_by: Mark = "total"


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Exact, interpolated between neighbours. None where nothing was measured."""

    count: int
    """The calls of which it is known."""
    p50_s: float | None
    p90_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class Speeds:
    """Output tokens per second after the first token. The tail is that of slow calls: one in ten is below `p10`."""

    count: int
    p50_per_s: float | None
    p10_per_s: float | None
    p5_per_s: float | None
    p1_per_s: float | None


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """Some calls. Fetching an answer is a call, but none of a model's, and so in `calls` alone."""

    group: Group
    calls: int
    streams: int
    """Those that the model had to answer in a stream. All that is not of every answer is of these alone."""
    headers: Quantiles
    """Of every answer."""
    first_event: Quantiles
    first_token: Quantiles
    """To the first event with content: text, reasoning or a tool call."""
    total: Quantiles
    """Of every answer."""
    mean_gap: Quantiles
    """The time between two events of a stream: the mean of each stream is one value here."""
    largest_gap: Quantiles
    """Of each stream, the caller's own time taken out."""
    output_tokens: Speeds
    provider_wait: Quantiles
    """What a stream's caller waited for the provider, from the start to the end."""
    consumer_wait: Quantiles
    """What a stream's caller did in between."""
    provider_wait_sum_s: float | None
    """Over the streams of which both are known."""
    consumer_wait_sum_s: float | None
    watched_streams: int
    """Those that were watched for stalls."""
    stalled_streams: int
    stalls: int
    stalled_sum_s: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """Calls that took up to so long, and longer than the bar before."""

    upper_s: float | None
    """None for the last, which has no end."""
    calls: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Every bar from the first to the last that has calls."""

    group: Group
    mark: Mark
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class SlowCall:
    """One of the slowest. `firsttoken show` tells the rest by its ids."""

    trace_id: str
    span_id: str
    started_unix_ns: int
    provider: str
    model: str | None
    stream: bool
    outcome: str
    headers_s: float | None
    first_token_s: float | None
    total_s: float
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class LatencyAnswer:
    """By group, the one with the most calls first, and over all of them."""

    selection: Selection
    group_by: tuple[str, ...]
    rows: tuple[LatencyRow, ...]
    """All calls are one group where there is nothing to group by."""
    total: LatencyRow
    histograms: tuple[Histogram, ...]
    """Those of all calls first, whose group is empty, then those of each group. A mark that no call has is left out."""
    slowest: tuple[SlowCall, ...]


def latency(reader: Reader, options: LatencyOptions) -> LatencyAnswer:
    """Raises StoreError and SelectionError."""
    selection, group_by = options.selection, options.group_by
    (total,) = map(_latency_row, reader.ask("latency", None, selection))
    histograms = tuple(_histograms(reader.ask("latency_histogram", None, selection)))
    rows = (total,)
    if group_by:
        rows = tuple(map(_latency_row, reader.ask("latency", None, selection, group_by)))
        histograms += tuple(_histograms(reader.ask("latency_histogram", None, selection, group_by)))
    slowest = reader.ask("slowest_calls", {"mark": options.slowest_by, "count": options.slowest}, selection)
    return LatencyAnswer(selection, group_by, rows, total, histograms, tuple(map(_slow_call, slowest)))


def _latency_row(row: Row) -> LatencyRow:
    return LatencyRow(
        group=group(row),
        calls=integer(row, "calls"),
        streams=integer(row, "streams"),
        headers=quantiles(row, "headers"),
        first_event=quantiles(row, "first_event"),
        first_token=quantiles(row, "first_token"),
        total=quantiles(row, "total"),
        mean_gap=quantiles(row, "mean_gap"),
        largest_gap=quantiles(row, "largest_gap"),
        output_tokens=Speeds(integer(row, "speed_count"), *reals(row, "speed_quantiles", 4)),
        provider_wait=quantiles(row, "provider_wait"),
        consumer_wait=quantiles(row, "consumer_wait"),
        provider_wait_sum_s=seconds_or_none(row, "provider_sum_ns"),
        consumer_wait_sum_s=seconds_or_none(row, "consumer_sum_ns"),
        watched_streams=integer(row, "watched_streams"),
        stalled_streams=integer(row, "stalled_streams"),
        stalls=integer(row, "stall_count"),
        stalled_sum_s=seconds_or_none(row, "stalled_sum_ns"),
    )


def quantiles(row: Row, of: str) -> Quantiles:
    """Of the columns `<of>_count` and `<of>_quantiles`, in nanoseconds."""
    return Quantiles(integer(row, f"{of}_count"), *map(in_seconds, reals(row, f"{of}_quantiles", 4)))


def _histograms(rows: Sequence[Row]) -> Iterator[Histogram]:
    counts: dict[tuple[Group, str], dict[int | None, int]] = {}
    for row in rows:
        counts.setdefault((group(row), text(row, "mark")), {})[integer_or_none(row, "upper_ns")] = integer(row, "calls")
    for values in dict.fromkeys(values for values, _ in counts):
        for mark in MARKS:
            if (found := counts.get((values, mark))) is not None:
                yield Histogram(values, mark, _bars(found))


def _bars(counts: dict[int | None, int]) -> tuple[Bar, ...]:
    bars = [Bar(in_seconds(upper_ns), counts.get(upper_ns, 0)) for upper_ns in (*UPPER_NS, None)]
    filled = [place for place, bar in enumerate(bars) if bar.calls]
    return tuple(bars[filled[0] : filled[-1] + 1])


def _slow_call(row: Row) -> SlowCall:
    return SlowCall(
        trace_id=text(row, "trace_id"),
        span_id=text(row, "span_id"),
        started_unix_ns=integer(row, "started_unix_ns"),
        provider=text(row, "provider"),
        model=text_or_none(row, "model"),
        stream=bool(row["stream"]),
        outcome=text(row, "outcome"),
        headers_s=seconds_or_none(row, "headers_ns"),
        first_token_s=seconds_or_none(row, "first_token_ns"),
        total_s=integer(row, "duration_ns") / 1e9,
        output_tokens=integer_or_none(row, "output_tokens"),
    )


LATENCY: Final = Answer("latency", LatencyOptions, LatencyAnswer, latency)
