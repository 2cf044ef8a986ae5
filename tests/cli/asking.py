"""Commands that run in this process, over a store of calls one second apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from firsttoken.call import Call
from firsttoken.store import CallRecord, JsonText, Origin

MS: Final = 1_000_000


def record(number: int, call: Call, run_id: str = "r1") -> CallRecord:
    """One call that started `number` seconds after the first."""
    timing = replace(call.timing, started_unix_ns=call.timing.started_unix_ns + number * 1_000 * MS)
    return CallRecord(
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        parent_span_id=None,
        name="chat",
        origin=Origin("app", run_id, "firsttoken", JsonText("{}")),
        received_unix_ns=timing.started_unix_ns,
        call=replace(call, timing=timing),
        attributes=JsonText("{}"),
        events=JsonText("[]"),
    )


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]
