"""Attributes -> Call: the inverse of `write`, forgiving about what it does not know."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Final, NamedTuple, cast

from firsttoken.call import (
    OPERATIONS,
    Attempt,
    Call,
    Category,
    Cost,
    Failure,
    Ledger,
    Outcome,
    Parameters,
    RateLimits,
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
    operation_called,
)
from firsttoken.semconv import names, own
from firsttoken.semconv.context import read_context
from firsttoken.semconv.fields import ATTEMPT_FIELDS, COST_PARTS, HIGHEST_COUNT, SPAN_FIELDS, Field, Kind, is_count

LOWEST_INT: Final = -(2**63)
HIGHEST_INT: Final = 2**63 - 1
"""What OTLP and stores can count to. Some send parameters as JSON, which knows no end."""
LONGEST_S: Final = 9e9
"""Longer times do not fit nanoseconds of 64 bits."""


@dataclass(frozen=True, slots=True)
class SpanFacts:
    """The parts of a span that a Call is read from."""

    attributes: Mapping[str, object]
    started_unix_ns: int
    duration_ns: int
    is_error: bool = False
    status_message: str = ""
    attempts: Sequence[Mapping[str, object]] = ()
    """The attributes of its events of failed attempts, in order."""


def is_call(attributes: Mapping[str, object]) -> bool:
    """Whether a span with these attributes stands for one call to a model, or for fetching its answer."""
    operation = attributes.get(names.GEN_AI_OPERATION_NAME)
    return isinstance(operation, str) and operation in OPERATIONS


def read_call(span: SpanFacts) -> Call:
    """The Call that a span describes under the current names (see `dialects`). A value of the wrong type is unknown;
    nothing raises."""
    taken = _taken(CALL_FIELDS, span.attributes)
    request: dict[str, object] = {"operation": "chat", "provider": "", "api": ""} | taken["request"]
    uses_tokens = operation_called(str(request["operation"])).uses_tokens
    usage = taken["usage"] if uses_tokens else {}
    call = taken["call"]
    failure = _failure(span, call.get("error_category"), taken["failure"])
    return Call(
        request=Request(
            **request,  # type: ignore[arg-type]
            parameters=Parameters(**taken["parameters"]),  # type: ignore[arg-type]
            context=read_context(span.attributes),
        ),
        timing=Timing(
            started_unix_ns=span.started_unix_ns,
            duration_ns=span.duration_ns,
            **taken["timing"],  # type: ignore[arg-type]
        ),
        outcome=_outcome(call.get("outcome"), failed=failure is not None),
        response=Response(**taken["response"]),  # type: ignore[arg-type]
        usage=Usage(**usage) if usage else None,  # type: ignore[arg-type]
        raw_usage=_text(call.get("raw_usage")),
        rate_limits=RateLimits(**limits) if (limits := taken["rate_limits"]) else None,  # type: ignore[arg-type]
        failure=failure,
        cost=_cost(span.attributes) if uses_tokens else None,
        resend_count=_int(call.get("resend_count")) or 0,
        attempts=tuple(attempt for sent in span.attempts if (attempt := _attempt(sent)) is not None),
    )


def _taken(carriers: Mapping[str, _Carrier], attributes: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The values of the fields that the attributes carry, by part and name."""
    taken: dict[str, dict[str, object]] = {part: {} for part in PARTS}
    for name, sent in attributes.items():
        carrier = carriers.get(name)
        if carrier is not None and (value := carrier.take(sent)) is not None:
            part = taken[carrier.part]
            if not carrier.gives_way or carrier.field not in part:
                part[carrier.field] = value
    return taken


def _seconds(value: object) -> int | None:
    seconds = _float(value)
    return round(seconds * 1e9) if seconds is not None and 0 <= seconds <= LONGEST_S else None


def _true(value: object) -> bool | None:
    return True if value is True else None


def _strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    items = cast("list[object]", value)
    return tuple(cast("list[str]", items)) if all(isinstance(item, str) for item in items) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _int(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if LOWEST_INT <= value <= HIGHEST_INT else None


def _count(value: object) -> int | None:
    number = _int(value)
    return number if number is not None and 0 <= number <= HIGHEST_COUNT else None


def _float(value: object) -> float | None:
    """A finite number: no field has a use for another."""
    if type(value) is float and isfinite(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return float(value)


TAKE: Final[Mapping[Kind, Callable[[object], object | None]]] = {
    "string": _text,
    "int": _int,
    "double": _float,
    "seconds": _seconds,
    "strings": _strings,
    "true": _true,
}
"""A field's value out of what was sent; None for what cannot be one."""


class _Carrier(NamedTuple):
    """An attribute, and the field that it carries."""

    part: str
    field: str
    take: Callable[[object], object | None]
    gives_way: bool
    """Whether another attribute of the same field goes before it."""


def _carriers(*fields: Field) -> dict[str, _Carrier]:
    """By attribute. Of two that carry one field, the first stands."""
    found: dict[str, _Carrier] = {}
    for field in fields:
        gives_way = any((field.part, field.name) == (other.part, other.field) for other in found.values())
        take = _count if is_count(field) else TAKE[field.kind]
        found[field.attribute] = _Carrier(field.part, field.name, take, gives_way)
    return found


CALL_FIELDS: Final = _carriers(*SPAN_FIELDS)
OF_ATTEMPTS: Final = _carriers(*ATTEMPT_FIELDS)
PARTS: Final = frozenset(carrier.part for carrier in (*CALL_FIELDS.values(), *OF_ATTEMPTS.values()))


def _failure(span: SpanFacts, category: object, described: Mapping[str, object]) -> Failure | None:
    error_type = span.attributes.get(names.ERROR_TYPE)
    if not isinstance(error_type, str):
        if not span.is_error:
            return None
        error_type = "_OTHER"
    more = {**described, "stage": _stage(described.get("stage"))}
    return Failure(error_type, span.status_message, category=_category(category), **more)  # type: ignore[arg-type]


def _attempt(attributes: Mapping[str, object]) -> Attempt | None:
    """None where it is not known when it failed and what was waited."""
    taken = _taken(OF_ATTEMPTS, attributes)["attempt"]
    if "failed_ns" not in taken or "wait_ns" not in taken:
        return None
    return Attempt(**{**taken, "category": _category(taken.get("category"))})  # type: ignore[arg-type]


def _category(word: object) -> Category:
    try:
        return Category(str(word))
    except ValueError:
        return Category.UNKNOWN


def _stage(word: object) -> Stage | None:
    try:
        return Stage(str(word))
    except ValueError:
        return None


def _outcome(word: object, *, failed: bool) -> Outcome:
    try:
        return Outcome(str(word))
    except ValueError:
        return Outcome.FAILED if failed else Outcome.COMPLETED


def _cost(attributes: Mapping[str, object]) -> Cost | None:
    reason = attributes.get(own.COST_UNPRICED)
    if isinstance(reason, str):
        return Unpriced(reason)
    *parts, tools, unsplit = (money(attributes.get(name)) for name in (*COST_PARTS, own.COST_UNSPLIT))
    currency = attributes.get(own.COST_CURRENCY)
    if not isinstance(currency, str) or (unsplit is None and None in parts):
        return None
    source, price_date = attributes.get(own.COST_SOURCE), attributes.get(own.COST_PRICE_DATE)
    input_, cache_read, cache_write, output = parts
    return Ledger(
        input=input_,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output,
        currency=currency,
        source=source if isinstance(source, str) else "",
        price_date=price_date if isinstance(price_date, str) else None,
        tools=Decimal(0) if tools is None and unsplit is None else tools,
        unsplit=unsplit or Decimal(0),
    )


def money(value: object) -> Decimal | None:
    """The shortest decimal that the number stands for."""
    amount = _float(value)
    return None if amount is None else Decimal(repr(amount))
