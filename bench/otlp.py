"""Requests as our own exporter makes them, quick to make anew with other ids and times."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Sequence
from random import Random
from typing import Final

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind

from bench.made_calls import made_calls
from firsttoken.call import Call
from firsttoken.semconv import own
from firsttoken.semconv.write import call_attributes, span_name

SPANS_OF_A_REQUEST: Final = 512
"""As many as the SDK's exporter sends at once."""
RESOURCE: Final = Resource(
    {
        "service.name": "shop",
        "service.instance.id": "02e736c8-25bb-46dc-a768-2a79f38b79ae",
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.version": "1.45.2",
    }
)
SCOPE: Final = InstrumentationScope("firsttoken", "0.1.0")


def requests(count: int, *, seed: int = 1) -> list[Request]:
    """So many different ones."""
    chance = Random(seed)  # noqa: S311  repeatable, and nothing to guard
    calls = list(made_calls(count * SPANS_OF_A_REQUEST, seed=seed))
    return [
        Request(calls[first : first + SPANS_OF_A_REQUEST], chance) for first in range(0, len(calls), SPANS_OF_A_REQUEST)
    ]


class Request:
    """The bytes of one request, and where its ids and times stand in them."""

    def __init__(self, calls: Sequence[Call], chance: Random) -> None:
        spans = [_span(call, chance) for call in calls]
        self.body = encode_spans(spans).SerializeToString()
        self._ids: list[tuple[int, int]] = []
        self._times: list[tuple[int, int, int]] = []
        place = 0
        for span in spans:
            assert span.context is not None
            assert span.start_time
            assert span.end_time
            for number, length in ((span.context.trace_id, 16), (span.context.span_id, 8)):
                place = self.body.index(number.to_bytes(length, "big"), place)
                self._ids.append((place, length))
            start = self.body.index(struct.pack("<Q", span.start_time), place)
            end = self.body.index(struct.pack("<Q", span.end_time), start)
            self._times.append((start, end, span.end_time - span.start_time))

    def anew(self) -> bytes:
        """As if all its calls had been made again just now."""
        body = bytearray(self.body)
        for place, length in self._ids:
            body[place : place + length] = os.urandom(length)
        began = time.time_ns()
        for number, (start, end, duration_ns) in enumerate(self._times):
            struct.pack_into("<Q", body, start, began + number * 1000)
            struct.pack_into("<Q", body, end, began + number * 1000 + duration_ns)
        return bytes(body)


def _span(call: Call, chance: Random) -> ReadableSpan:
    timing, usage = call.timing, call.usage
    assert usage is not None
    began = timing.started_unix_ns
    trace = {
        own.TRACE_SCHEMA_VERSION: "1.0",
        own.ATTEMPT_NUMBER: 1,
        own.REQUEST_BYTES: (usage.input_tokens or 0) * 4,
        own.ANSWER_BYTES: (usage.output_tokens or 0) * 60,
        own.LAST_EVENT: "message_stop",
        own.UNREAD_EVENTS: 0,
    }
    return ReadableSpan(
        span_name(call.request),
        SpanContext(chance.getrandbits(128), chance.getrandbits(64), is_remote=False),
        resource=RESOURCE,
        instrumentation_scope=SCOPE,
        kind=SpanKind.CLIENT,
        attributes=call_attributes(call),
        events=(
            Event(own.EVENT_HEADERS, {}, began + (timing.headers_ns or 0)),
            Event(own.EVENT_FIRST_TOKEN, {}, began + (timing.first_token_ns or 0)),
            Event(own.EVENT_PROVIDER_TRACE, trace, timing.ended_unix_ns),
        ),
        start_time=began,
        end_time=timing.ended_unix_ns,
    )
