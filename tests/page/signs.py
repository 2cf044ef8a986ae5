"""What programs say of a call while it runs, as the receiver hands it to the store."""

from __future__ import annotations

import json
import time
from dataclasses import replace

from store.samples import log_record

from firsttoken.call import Call
from firsttoken.store import Batch, JsonText, LogRecord, Origin

from .samples import MS, STREAMED
from .site import Site, ids

SECOND_NS = 1000 * MS


def begun(seconds_ago: float) -> Call:
    """A streamed call that began so long ago, and ends now."""
    started = time.time_ns() - round(seconds_ago * SECOND_NS)
    return replace(STREAMED, timing=replace(STREAMED.timing, started_unix_ns=started))


def sign(call: Call, chunks: int, seconds_ago: float = 0.0) -> LogRecord:
    """That the call runs, and how many chunks have come."""
    trace_id, span_id = ids(call)
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": call.request.provider,
        "gen_ai.request.model": call.request.model,
        "gen_ai.request.stream": True,
        "gen_ai.response.time_to_first_chunk": 0.241,
        "firsttoken.call.started_unix_ns": call.timing.started_unix_ns,
        "firsttoken.chunk.count": chunks,
    }
    return replace(
        log_record(f"{span_id}{chunks}", 0, attributes=JsonText(json.dumps(told))),
        trace_id=trace_id,
        span_id=span_id,
        event_name="firsttoken.call.progress",
        time_unix_ns=time.time_ns() - round(seconds_ago * SECOND_NS),
        origin=Origin("shop", None, "firsttoken", JsonText("{}")),
    )


def say(site: Site, *signs: LogRecord) -> None:
    """Returns when they are committed."""
    site.store.write(Batch(logs=signs)).result(30)
