"""Which calls run now: those whose program has said so, and that have not ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from firsttoken.analyse.columns import integer, json_value, text, text_or_none
from firsttoken.analyse.meant import is_meant, said
from firsttoken.analyse.running_call import RunningCall
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import Sent, currently_named
from firsttoken.store import EVERYTHING, Row, Selection, Value, Warehouse

__all__ = ["RunningCall", "running_calls"]

LOST_AFTER_NS: Final = 10 * 10**9
"""A program that runs says so every two seconds."""
FORGOTTEN_AFTER_NS: Final = 3600 * 10**9
LONGEST_CALL_NS: Final = 5 * FORGOTTEN_AFTER_NS
"""How long ago a call that was heard of in the last hour may have begun."""
MOST: Final = 1000
"""How many are told, those that were heard of last."""

MOST_DIGITS: Final = 19

FIRST_CHUNK: Final = (names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, own.TIME_TO_FIRST_CHUNK)


def running_calls(warehouse: Warehouse, now_unix_ns: int, selection: Selection = EVERYTHING) -> tuple[RunningCall, ...]:
    """The calls that run, the newest start first, at most a thousand. Raises StoreError.

    What is only known of a call that has ended, such as its cost, is known of none of them.
    """
    parameters: dict[str, Value] = {
        "since_unix_ns": now_unix_ns - FORGOTTEN_AFTER_NS,
        "begun_unix_ns": now_unix_ns - LONGEST_CALL_NS,
        "limit": MOST,
    }
    with warehouse.read() as reader:
        rows = reader.ask("running_calls", parameters)
    found = [(_running(row, attributes := _attributes(row), now_unix_ns), attributes) for row in rows]
    meant = [call for call, attributes in found if is_meant(call, attributes, selection)]
    return tuple(sorted(meant, key=lambda call: (-call.started_unix_ns, call.trace_id, call.span_id)))


def _attributes(row: Row) -> Mapping[str, object]:
    told: dict[str, JsonValue] = json_value(row, "attributes")
    return currently_named(Sent(told, text(row, "scope")))


def _running(row: Row, attributes: Mapping[str, object], now_unix_ns: int) -> RunningCall:
    last = integer(row, "time_unix_ns")
    waited_s = next((waited for name in FIRST_CHUNK if (waited := _number(attributes.get(name))) is not None), None)
    started, chunks = _count(attributes.get(own.CALL_STARTED)), _count(attributes.get(own.CHUNK_COUNT))
    return RunningCall(
        trace_id=text(row, "trace_id"),
        span_id=text(row, "span_id"),
        service=text(row, "service"),
        run_id=text_or_none(row, "run_id"),
        provider=said(attributes.get(names.GEN_AI_PROVIDER_NAME)) or "",
        model=said(attributes.get(names.GEN_AI_REQUEST_MODEL)),
        operation=said(attributes.get(names.GEN_AI_OPERATION_NAME)) or "chat",
        stream=said(attributes.get(names.GEN_AI_REQUEST_STREAM)) == "true",
        started_unix_ns=last if started is None else min(started, last),
        first_chunk_ns=None if waited_s is None else round(waited_s * 1e9),
        chunk_count=chunks,
        last_sign_unix_ns=last,
        lost=now_unix_ns - last > LOST_AFTER_NS,
    )


def _number(value: object) -> float | None:
    """A time that such a call may take, told as a number or as its text."""
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number <= LONGEST_CALL_NS / 1e9 else None


def _count(value: object) -> int | None:
    digits = said(value) or ""
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS else None
