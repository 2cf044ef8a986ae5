"""The phases of one call, from sending it to its end, as far as they were observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firsttoken.call import Call, Outcome, Timing

LAST_PHASES: Final = {
    Outcome.COMPLETED: "Ending",
    Outcome.CLOSED: "Until the caller closed the stream",
    Outcome.ABANDONED: "Until the stream was given up",
    Outcome.CANCELLED: "Until it was cancelled",
    Outcome.TIMED_OUT: "Until the time limit",
    Outcome.FAILED: "Until it failed",
}
WHOLE_ANSWER: Final = "Receiving the whole answer"
NOTHING_OBSERVED: Final = "Whole call"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a call. Nanoseconds after its start."""

    kind: str
    name: str
    started_ns: int
    ended_ns: int

    @property
    def duration_ns(self) -> int:
        return self.ended_ns - self.started_ns

    @property
    def started_ms(self) -> float:
        return round(self.started_ns / 1e6, 3)

    @property
    def duration_ms(self) -> float:
        return round(self.duration_ns / 1e6, 3)


def phases(call: Call) -> tuple[Phase, ...]:
    """Neighbours without a gap that cover the whole duration. A mark that was not observed joins its neighbours."""
    found: list[Phase] = []
    total_ns = max(call.timing.duration_ns, 0)
    reached_ns = 0
    for kind, name, mark_ns in _marks(call.timing):
        if mark_ns is None:
            continue
        ended_ns = min(max(mark_ns, reached_ns), total_ns)
        found.append(Phase(kind, name, reached_ns, ended_ns))
        reached_ns = ended_ns
    found.append(Phase("end", _last_phase(call, observed=bool(found)), reached_ns, total_ns))
    return tuple(found)


def _marks(timing: Timing) -> tuple[tuple[str, str, int | None], ...]:
    last = "Generating" if timing.first_token_ns is not None else "Chunks without content"
    return (
        ("headers", "Waiting for headers", timing.headers_ns),
        ("first-chunk", "Waiting for the first chunk", timing.first_chunk_ns),
        ("first-token", "Waiting for the first token", timing.first_token_ns),
        ("generating", last, timing.last_chunk_ns),
    )


def _last_phase(call: Call, *, observed: bool) -> str:
    if call.outcome is not Outcome.COMPLETED:
        return LAST_PHASES[call.outcome]
    if not observed:
        return NOTHING_OBSERVED
    return LAST_PHASES[call.outcome] if call.request.stream else WHOLE_ANSWER
