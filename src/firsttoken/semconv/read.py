"""Attributes -> Call: the inverse of `write`, forgiving about what it does not know."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast

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
from firsttoken.semconv.fields import (
    ATTEMPT_FIELDS,
    INFERENCE_FIELDS,
    OPENAI_TIERS,
    OTHER_FIELDS,
    OTHER_TIERS,
    REQUEST_FIELDS,
    RESULT_FIELDS,
    Field,
    Kind,
)
from firsttoken.semconv.renaming import currently_named

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
    """The Call that a span describes, under current names or older ones. A value of the wrong type is unknown; nothing
    raises."""
    taken = _parts(_all_fields(), currently_named(span.attributes))
    request: dict[str, object] = {"operation": "chat", "provider": "", "api": ""} | taken.get("request", {})
    uses_tokens = operation_called(str(request["operation"])).uses_tokens
    usage = taken.get("usage") if uses_tokens else None
    call = taken.get("call", {})
    failure = _failure(span, call.get("error_category"), taken.get("failure", {}))
    return Call(
        request=Request(
            **request,  # type: ignore[arg-type]
            parameters=Parameters(**taken.get("parameters", {})),  # type: ignore[arg-type]
            context=read_context(span.attributes),
        ),
        timing=Timing(
            started_unix_ns=span.started_unix_ns,
            duration_ns=span.duration_ns,
            **taken.get("timing", {}),  # type: ignore[arg-type]
        ),
        outcome=_outcome(call.get("outcome"), failed=failure is not None),
        response=Response(**taken.get("response", {})),  # type: ignore[arg-type]
        usage=None if usage is None else Usage(**usage),  # type: ignore[arg-type]
        raw_usage=_text(call.get("raw_usage")),
        failure=failure,
        cost=_cost(span.attributes) if uses_tokens else None,
        resend_count=_int(call.get("resend_count")) or 0,
        attempts=tuple(attempt for sent in span.attempts if (attempt := _attempt(sent)) is not None),
    )


def _parts(fields: Iterable[Field], attributes: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The values of these fields, by part and name."""
    taken: dict[str, dict[str, object]] = {}
    for field in fields:
        sent = attributes.get(field.attribute)
        if sent is not None and (value := _taken(field.kind, sent)) is not None:
            taken.setdefault(field.part, {}).setdefault(field.name, value)
    return taken


def _all_fields() -> Iterable[Field]:
    return (*REQUEST_FIELDS, *RESULT_FIELDS, *INFERENCE_FIELDS, *OTHER_FIELDS, *OPENAI_TIERS, *OTHER_TIERS)


def _taken(kind: Kind, value: object) -> object | None:
    match kind:
        case "string":
            return value if isinstance(value, str) else None
        case "int":
            return _int(value)
        case "double":
            return _float(value)
        case "seconds":
            seconds = _float(value)
            return None if seconds is None or abs(seconds) > LONGEST_S else round(seconds * 1e9)
        case "strings":
            return _strings(value)
        case "true":
            return True if value is True else None


def _strings(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple):
        return None
    items = cast("list[object]", value)
    return tuple(cast("list[str]", items)) if all(isinstance(item, str) for item in items) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _float(value: object) -> float | None:
    """A finite number: no field has a use for another."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        return None
    return float(value)


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
    taken = _parts(ATTEMPT_FIELDS, attributes).get("attempt", {})
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
    parts = [
        _money(attributes.get(name))
        for name in (own.COST_INPUT, own.COST_CACHE_READ, own.COST_CACHE_WRITE, own.COST_OUTPUT)
    ]
    currency = attributes.get(own.COST_CURRENCY)
    if not isinstance(currency, str) or any(part is None for part in parts):
        return None
    source, price_date = attributes.get(own.COST_SOURCE), attributes.get(own.COST_PRICE_DATE)
    uncached, cache_read, cache_write, output = (part for part in parts if part is not None)
    return Ledger(
        input=uncached,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output,
        currency=currency,
        source=source if isinstance(source, str) else "",
        price_date=price_date if isinstance(price_date, str) else None,
        tools=_money(attributes.get(own.COST_TOOLS)) or Decimal(0),
    )


def _money(value: object) -> Decimal | None:
    """The shortest decimal that the number stands for."""
    amount = _float(value)
    return None if amount is None else Decimal(repr(amount))
