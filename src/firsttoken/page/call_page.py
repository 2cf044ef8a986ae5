"""Everything that the page of one call shows, worked out for its template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.analyse import CallDetail
from firsttoken.call import Call, RateLimits, Stall
from firsttoken.page.bar import bar
from firsttoken.page.bill import bill_of
from firsttoken.page.conversation import conversation, without_conversation
from firsttoken.page.phases import phases
from firsttoken.page.provider_trace import last_trace, trace_views
from firsttoken.page.said import said_of
from firsttoken.page.timeline.gaps import largest_gaps
from firsttoken.page.timeline.levels import LEVEL_WORDS
from firsttoken.page.timeline.rates import rates
from firsttoken.page.timeline.words import words_of
from firsttoken.pricing import PriceBook

SECTIONS: Final = {
    "phases": "Phases",
    "timeline": "Timeline",
    "attempts": "Attempts",
    "timings": "Timings",
    "tokens": "Tokens",
    "cost": "Cost",
    "conversation": "Conversation",
    "trace": "Trace",
    "provider": "Provider trace",
    "attributes": "Attributes",
    "events": "Events",
    "logs": "Logs",
    "identity": "Identity",
}
HOW_TO_CAPTURE: Final = "Set FIRSTTOKEN_TRACE_CONTENT=full where the call is made."
LIMITED: Final = ("requests", "tokens", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the attempts' strip: `failed`, `waiting` or `last`."""

    kind: str
    started_ns: int
    ended_ns: int

    @property
    def started_ms(self) -> float:
        return round(self.started_ns / 1e6, 3)

    @property
    def duration_ms(self) -> float:
        return round((self.ended_ns - self.started_ns) / 1e6, 3)


@dataclass(frozen=True, slots=True)
class Limit:
    """What one limit of a provider's rates had left."""

    name: str
    remaining: int | None
    limit: int | None
    reset_ns: int | None


def call_page(detail: CallDetail, book: PriceBook) -> dict[str, Any]:
    """By the names in `call.html`."""
    call, timeline = detail.row.call, detail.timeline
    words = None if timeline is None else words_of(timeline, call.content)
    sections = [each for each in SECTIONS.items() if _has(detail, each[0])]
    return {
        "detail": without_conversation(detail),
        "call": call,
        "conversation": conversation(detail),
        "phases": phases(call),
        "stalls": stalls_of(detail),
        "timeline": timeline,
        "words": words is not None,
        "gaps": () if timeline is None else largest_gaps(timeline, words),
        "rates": () if timeline is None else rates(timeline),
        "tries": tuple(tries(call)),
        "limits": tuple(limits(call.rate_limits)),
        "bill": bill_of(call, book),
        "provider_traces": trace_views(detail.provider_traces),
        "said": said_of(call.request.context),
        "strip_ms": bar(call).total_ms or 1.0,
        "sections": sections,
        "wait_levels": LEVEL_WORDS,
        "how_to_capture": HOW_TO_CAPTURE,
    }


def stalls_of(detail: CallDetail) -> tuple[Stall, ...]:
    """When the stream stood still, where its provider trace tells."""
    trace = last_trace(detail.provider_traces)
    return detail.row.call.stalls or (() if trace is None else trace.stalls)


def tries(call: Call) -> Iterator[Stretch]:
    """Attempts and the waits between them, inside the call's duration. Nothing where none failed."""
    end_ns, reached_ns = max(call.timing.duration_ns, 0), 0
    for attempt in call.attempts:
        failed_ns = min(max(attempt.failed_ns, reached_ns), end_ns)
        yield Stretch("failed", reached_ns, failed_ns)
        reached_ns = min(failed_ns + max(attempt.wait_ns, 0), end_ns)
        yield Stretch("waiting", failed_ns, reached_ns)
    if call.attempts:
        yield Stretch("last", reached_ns, end_ns)


def limits(told: RateLimits | None) -> Iterator[Limit]:
    """Those that the answer told of."""
    for name in LIMITED if told is not None else ():
        found = (getattr(told, f"{name}_{what}") for what in ("remaining", "limit", "reset_ns"))
        limit = Limit(name.replace("_", " "), *found)
        if (limit.remaining, limit.limit, limit.reset_ns) != (None, None, None):
            yield limit


def _has(detail: CallDetail, section: str) -> bool:
    absent = {"attempts": not detail.row.call.attempts, "provider": not detail.provider_traces}
    return not absent.get(section, False)
