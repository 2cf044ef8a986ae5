"""What this process has recorded, what it has lost, and what it did not understand."""

from __future__ import annotations

from collections.abc import Iterator

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.complaints import complaint_findings, heard
from firsttoken.diagnosis.finding import Finding, counted, listed
from firsttoken.export.outbox import OUTBOX, OVERFLOW
from firsttoken.guard import troubles
from firsttoken.observe import novelties
from firsttoken.pipeline import Pipeline


def call_findings(pipeline: Pipeline | None, *, uses_an_sdk: bool) -> Iterator[Finding]:
    if pipeline is None:
        return
    if pipeline.emitted:
        yield kinds.CALLS_OBSERVED.found(calls=counted(pipeline.emitted, "call"))
    elif uses_an_sdk and not pipeline.open_calls:
        yield kinds.NO_CALLS.found()
    if pipeline.open_calls:
        yield kinds.CALLS_OPEN.found(calls=counted(pipeline.open_calls, "call"))


def loss_findings() -> Iterator[Finding]:
    if not troubles and not heard:
        yield kinds.NOTHING_LOST.found()
    yield from complaint_findings()
    for step, times in sorted(troubles.items()):
        if step == OVERFLOW:
            yield kinds.CALLS_DROPPED.found(calls=counted(times, "call"))
        else:
            yield kinds.TROUBLE.found(step=step, times=counted(times, "time"))
    if OUTBOX.waiting:
        yield kinds.CALLS_WAITING.found(steps=counted(OUTBOX.waiting, "step"))
    if novelties.seen:
        words = [f"{name} ({counted(times, 'call')})" for name, times in novelties.seen.most_common()]
        yield kinds.NOVELTIES.found(words=listed(words, most=5))
