"""Streams whose every chunk has its time, and a store that holds them as the receiver would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from firsttoken.call import Call
from firsttoken.call.content import Content, Message, Text
from firsttoken.call.packed_timeline import packed_long
from firsttoken.call.timeline import TEXT
from firsttoken.semconv.messages import content_texts
from firsttoken.semconv.write import call_attributes
from firsttoken.store import Batch, JsonText, LogRecord
from firsttoken.trace.of_call import traces_of

from .samples import MS, STREAMED
from .site import JSON, Site, ids, record
from .test_provider_trace import ORIGIN


def timed(words: Sequence[str], waited_ns: Sequence[int], *, told: bool = True, base: Call = STREAMED) -> Call:
    """A stream that said these words, each after its wait. `told` is whether its content was captured."""
    steps = [step for wait in waited_ns for step in (0, wait)]
    lengths = [len(word) for word in words] if told else None
    last_ns = sum(waited_ns)
    return replace(
        base,
        timing=replace(
            base.timing,
            duration_ns=last_ns + MS,
            first_chunk_ns=waited_ns[0],
            first_token_ns=waited_ns[0],
            last_chunk_ns=last_ns,
            chunk_count=len(words),
            largest_gap_ns=max(waited_ns[1:], default=None),
        ),
        content=Content(output=(Message("assistant", (Text("".join(words)),)),)) if told else None,
        timeline=packed_long(steps, [(0, TEXT)], lengths),
    )


def long_stream(count: int, gap_at: int, gap_ns: int) -> Call:
    """Of so many chunks, 10 ms apart but for one gap."""
    waited = [10 * MS] * count
    waited[gap_at] = gap_ns
    return timed([f"w{number} " for number in range(count)], waited)


def arrived_ns(waited_ns: Sequence[int]) -> list[int]:
    return list(accumulate(waited_ns))


def add_timed(site: Site, call: Call) -> None:
    """Its span with what was said, and its provider trace."""
    trace_id, span_id = ids(call)
    said = {} if call.content is None else content_texts(call.content)
    attributes = JSON.dump_json(call_attributes(call) | said).decode()
    span = replace(record(call), attributes=JsonText(attributes))
    (body,) = (json.dumps(trace.body()) for trace in traces_of(call, None))
    log = LogRecord(
        f"delivery-{span_id}",
        0,
        trace_id,
        span_id,
        "firsttoken.provider_trace",
        call.timing.started_unix_ns,
        "INFO",
        JsonText(body),
        ORIGIN,
        1,
        JsonText("{}"),
    )
    site.store.write(Batch(calls=(span,), logs=(log,))).result(30)
