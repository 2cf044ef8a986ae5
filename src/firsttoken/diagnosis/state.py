"""What this process has recorded, what it has lost, and what it did not understand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.complaints import complaint_findings, heard
from firsttoken.diagnosis.finding import Finding, Kind, counted, listed
from firsttoken.export.outbox import OUTBOX
from firsttoken.guard import troubles
from firsttoken.losses import Lost, Reason, lost_so_far
from firsttoken.observe import novelties
from firsttoken.pipeline import Pipeline

LOSSES: Final[Mapping[Reason, Kind]] = {
    "queue_full": kinds.RECORDS_DROPPED,
    "too_large": kinds.RECORDS_TOO_LARGE,
    "export_failed": kinds.RECORDS_UNDELIVERED,
}
TEXT_LOSSES: Final[Mapping[Reason, Kind]] = {
    "queue_full": kinds.TEXTS_DROPPED,
    "export_failed": kinds.TEXTS_UNWRITTEN,
}
"""No exporter has a part in these."""
ITEMS: Final[Mapping[Lost, str]] = {
    "spans": "span",
    "logs": "log event",
    "metrics": "metrics export",
    "contents": "cut text",
}


def call_findings(pipeline: Pipeline | None, *, uses_an_sdk: bool) -> Iterator[Finding]:
    if pipeline is None:
        return
    if pipeline.emitted:
        yield kinds.CALLS_OBSERVED.found(calls=counted(pipeline.emitted, "call"))
    elif uses_an_sdk and not pipeline.open_calls:
        yield kinds.NO_CALLS.found()
    if pipeline.open_calls:
        yield kinds.CALLS_OPEN.found(calls=counted(pipeline.open_calls, "call"))


def loss_findings(hide: Callable[[str], str]) -> Iterator[Finding]:
    """`hide` takes out of what others logged what is secret."""
    lost = lost_so_far()
    if not troubles and not heard and not lost:
        yield kinds.NOTHING_LOST.found()
    yield from complaint_findings(hide)
    for (what, reason), number in sorted(lost.items()):
        if what == "calls":
            yield kinds.CALLS_DROPPED.found(calls=counted(number, "call"))
        else:
            table = TEXT_LOSSES if what == "contents" else LOSSES
            yield table[reason].found(items=counted(number, ITEMS[what]))
    for step, times in sorted(troubles.items()):
        yield kinds.TROUBLE.found(step=step, times=counted(times, "time"))
    if OUTBOX.waiting:
        yield kinds.CALLS_WAITING.found(steps=counted(OUTBOX.waiting, "step"))
    if novelties.seen:
        words = [f"{name} ({counted(times, 'call')})" for name, times in novelties.seen.most_common()]
        yield kinds.NOVELTIES.found(words=listed(words, most=5))
