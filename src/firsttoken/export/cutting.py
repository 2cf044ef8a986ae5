"""A span or a log record that no message could take, with its longest texts cut until one can."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast

from opentelemetry.sdk.trace import Event, ReadableSpan

from firsttoken.semconv import own

LENGTHS: Final = tuple(4**power for power in range(10, 3, -1))
"""Characters that a text may keep, tried in turn: from a million down to 256."""
GAP: Final = " […] "
"""Where the middle of a text was."""

Cut = Callable[[Any, int, Mapping[str, int]], Any]
"""A copy of a record whose texts are no longer than that, with these attributes besides."""


def cut_to_fit(record: Any, cut: Cut, weigh: Callable[[Any], int], most_bytes: int) -> Any | None:
    """The record with texts as long as may be, and a mark that says so; None where it is not its texts."""
    mark = {own.RECORD_ORIGINAL_SIZE: weigh(record)}
    shortest = cut(record, LENGTHS[-1], mark)
    if weigh(shortest) > most_bytes:
        return None
    longer = (cut(record, length, mark) for length in LENGTHS[:-1])
    return next((shorter for shorter in longer if weigh(shorter) <= most_bytes), shortest)


def cut_span(span: ReadableSpan, length: int, more: Mapping[str, int]) -> ReadableSpan:
    moments = [Event(moment.name, shortened(moment.attributes, length), moment.timestamp) for moment in span.events]
    return ReadableSpan(
        name=shortened(span.name, length),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={**shortened(span.attributes or {}, length), **more},
        events=moments,
        links=span.links,
        kind=span.kind,
        status=span.status,
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def cut_log(record: Any, length: int, more: Mapping[str, int]) -> Any:
    said = copy.copy(record.log_record)
    said.attributes = {**shortened(said.attributes or {}, length), **more}
    said.body = shortened(said.body, length)
    return replace(record, log_record=said)


def shortened(value: Any, length: int) -> Any:
    """A copy whose texts are no longer than that, and of which the beginning and the end are kept."""
    if isinstance(value, str):
        kept = (length - len(GAP)) // 2
        return value if len(value) <= length else f"{value[:kept]}{GAP}{value[-kept:]}"
    if isinstance(value, bytes | bytearray):
        return bytes(value[:length])
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return {name: shortened(inner, length) for name, inner in pairs}
    if isinstance(value, Sequence):
        return tuple(shortened(inner, length) for inner in cast("Sequence[Any]", value))
    return value
