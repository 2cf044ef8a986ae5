"""What failed, what was sent again and the time that it cost, and how near rate limits were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import group, integer, real, seconds_or_none, text, text_or_none
from firsttoken.analyse.options import AtMost, Group, Options
from firsttoken.store import Reader, Row, Selection

TRACE_ID_LENGTH: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorsOptions(Options):
    """And how many retry chains are named."""

    chains: AtMost = 5


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """Errors of one kind, of one model in one group."""

    group: Group
    category: str
    """In the words of `firsttoken.error.category`."""
    stage: str | None
    """`connect`, `headers` or `mid_stream`. None where a whole answer told of it, and where nothing tells."""
    provider: str
    model: str | None
    errors: int
    calls: int
    """All of this model in this group, also those that went well."""
    error_rate: float
    latest_unix_ns: int
    latest_trace_id: str
    latest_span_id: str


@dataclass(frozen=True, slots=True)
class ErrorTotals:
    """Errors and the SDK's own retries of one group. A caller's own cancellation is no error."""

    group: Group
    calls: int
    errors: int
    error_rate: float
    retried_calls: int
    recovered_calls: int
    """Those of them that then went well."""
    resends: int
    timed_calls: int
    """Those that tell of their attempts: the two times are theirs."""
    lost_s: float | None
    """From the start of each to the last time it was sent."""
    wait_s: float | None
    """The part of it that the SDK meant to wait."""


@dataclass(frozen=True, slots=True)
class RetryChain:
    """One call that was sent again, or calls that the application made in place of one another."""

    retry_group: str | None
    """The application's own name for it. None for the retries of one call."""
    trace_id: str
    span_id: str
    """Of the last call."""
    provider: str
    model: str | None
    outcome: str
    """Of the last call."""
    started_unix_ns: int
    calls: int
    attempts: int
    """Every time that something was sent."""
    lost_s: float | None
    """Up to when the last of them was sent. None where the last call does not tell."""


@dataclass(frozen=True, slots=True)
class Headroom:
    """When least was left of one rate limit, of one model in one group."""

    group: Group
    provider: str
    model: str | None
    limited: str
    """`requests`, `tokens`, `input_tokens` or `output_tokens`."""
    calls: int
    """Those whose answer told of it."""
    limit: int
    remaining: int
    remaining_share: float
    reset_s: float | None
    """From the answer until all of it was there again."""
    started_unix_ns: int
    """Of the call whose answer told of that, the latest such."""
    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class ErrorsAnswer:
    """The most frequent kind first."""

    selection: Selection
    group_by: tuple[str, ...]
    rows: tuple[ErrorKind, ...]
    groups: tuple[ErrorTotals, ...]
    """All calls are one group where there is nothing to group by."""
    total: ErrorTotals
    chain_count: int
    """All there are, of which `chains` names some."""
    timed_chains: int
    """Those whose time is known."""
    chains_lost_s: float | None
    """Over those."""
    chains: tuple[RetryChain, ...]
    """Those that cost most time, first."""
    headroom: tuple[Headroom, ...]
    """Where least was left, first. Empty where no answer told."""


def errors(reader: Reader, options: ErrorsOptions) -> ErrorsAnswer:
    """Raises StoreError and SelectionError."""
    selection, group_by = options.selection, options.group_by
    (total,) = _totals(reader, selection, ())
    chains = reader.ask("retry_chains", {"count": max(1, options.chains)}, selection)
    counted: Row = chains[0] if chains else {"all_chains": 0, "timed_chains": 0, "all_lost_ns": None}
    return ErrorsAnswer(
        selection=selection,
        group_by=group_by,
        rows=tuple(map(_kind, reader.ask("error_kinds", None, selection, group_by))),
        groups=_totals(reader, selection, group_by) if group_by else (total,),
        total=total,
        chain_count=integer(counted, "all_chains"),
        timed_chains=integer(counted, "timed_chains"),
        chains_lost_s=seconds_or_none(counted, "all_lost_ns"),
        chains=tuple(map(_chain, chains[: options.chains])),
        headroom=tuple(map(_headroom, reader.ask("rate_limits", None, selection, group_by))),
    )


def _totals(reader: Reader, selection: Selection, group_by: tuple[str, ...]) -> tuple[ErrorTotals, ...]:
    times = {group(row): row for row in reader.ask("retry_times", None, selection, group_by)}
    return tuple(_total(row, times.get(group(row))) for row in reader.ask("errors", None, selection, group_by))


def _total(row: Row, times: Row | None) -> ErrorTotals:
    calls, failed = integer(row, "calls"), integer(row, "errors")
    return ErrorTotals(
        group=group(row),
        calls=calls,
        errors=failed,
        error_rate=failed / calls,
        retried_calls=integer(row, "retried_calls"),
        recovered_calls=integer(row, "recovered_calls"),
        resends=integer(row, "resends"),
        timed_calls=0 if times is None else integer(times, "timed_calls"),
        lost_s=None if times is None else seconds_or_none(times, "lost_ns"),
        wait_s=None if times is None else seconds_or_none(times, "wait_ns"),
    )


def _kind(row: Row) -> ErrorKind:
    failed, calls = integer(row, "errors"), integer(row, "calls")
    trace_id, span_id = _ids(text(row, "latest_ids"))
    return ErrorKind(
        group=group(row),
        category=text(row, "category"),
        stage=text_or_none(row, "stage"),
        provider=text(row, "provider"),
        model=text_or_none(row, "model"),
        errors=failed,
        calls=calls,
        error_rate=failed / calls,
        latest_unix_ns=integer(row, "latest_unix_ns"),
        latest_trace_id=trace_id,
        latest_span_id=span_id,
    )


def _chain(row: Row) -> RetryChain:
    trace_id, span_id = _ids(text(row, "last_ids"))
    return RetryChain(
        retry_group=text_or_none(row, "retry_group"),
        trace_id=trace_id,
        span_id=span_id,
        provider=text(row, "provider"),
        model=text_or_none(row, "model"),
        outcome=text(row, "outcome"),
        started_unix_ns=integer(row, "first_unix_ns"),
        calls=integer(row, "calls"),
        attempts=integer(row, "attempts"),
        lost_s=seconds_or_none(row, "lost_ns"),
    )


def _headroom(row: Row) -> Headroom:
    trace_id, span_id = _ids(text(row, "ids"))
    return Headroom(
        group=group(row),
        provider=text(row, "provider"),
        model=text_or_none(row, "model"),
        limited=text(row, "limited"),
        calls=integer(row, "calls"),
        limit=integer(row, "most"),
        remaining=integer(row, "remaining"),
        remaining_share=real(row, "share"),
        reset_s=seconds_or_none(row, "reset_ns"),
        started_unix_ns=integer(row, "started_unix_ns"),
        trace_id=trace_id,
        span_id=span_id,
    )


def _ids(both: str) -> tuple[str, str]:
    return both[:TRACE_ID_LENGTH], both[TRACE_ID_LENGTH:]


ERRORS: Final = Answer("errors", ErrorsOptions, ErrorsAnswer, errors)
