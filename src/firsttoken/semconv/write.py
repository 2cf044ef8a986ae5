"""Call -> attributes. Unknown values are left out; none is invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from opentelemetry.util.types import AttributeValue

from firsttoken.call import NOTHING_SAID, Attempt, Call, Ledger, Request, Unpriced, operation_called
from firsttoken.semconv import names, own
from firsttoken.semconv.context import context_attributes
from firsttoken.semconv.fields import (
    ATTEMPT_FIELDS,
    COST_PARTS,
    INFERENCE_FIELDS,
    OPENAI_TIERS,
    OTHER_FIELDS,
    OTHER_TIERS,
    RATE_LIMIT_FIELDS,
    REQUEST_FIELDS,
    RESULT_FIELDS,
    TRACE_FIELDS,
    Field,
)

Attributes = dict[str, AttributeValue]


class Written(NamedTuple):
    """The attributes of a call, for all the signals that carry them."""

    request: Attributes
    result: Attributes

    @property
    def whole(self) -> Attributes:
        """Everything that a span of the call carries, in a dictionary of one's own."""
        return self.request | self.result


OPENAI_APIS: Final = "openai."
OPENAI_REFINES: Final = frozenset({"chat", "text_completion", "fetch_response"})
"""Operations for which the conventions have attributes of OpenAI's own."""


def span_name(request: Request) -> str:
    """`{operation} {model}`, or only the operation where the model is unknown (conventions, client spans)."""
    return f"{request.operation} {request.model}" if request.model else request.operation


def request_attributes(request: Request) -> Attributes:
    """What is known before the call is sent, so that a sampler sees it at span creation."""
    parts = {"request": request, "parameters": request.parameters}
    attributes = _carried(REQUEST_FIELDS + _tiers(request)[:1], parts)
    if request.api.startswith(OPENAI_APIS) and request.operation in OPENAI_REFINES:
        attributes[names.OPENAI_API_TYPE] = request.api.removeprefix(OPENAI_APIS)
    if request.context is not NOTHING_SAID:
        attributes |= context_attributes(request.context)
    return attributes


def result_attributes(call: Call) -> Attributes:
    """What is known once the call has ended."""
    parts = {
        "response": call.response,
        "usage": call.usage,
        "timing": call.timing,
        "failure": call.failure,
        "call": call,
    }
    of_operation = INFERENCE_FIELDS if operation_called(call.request.operation).is_inference else OTHER_FIELDS
    attributes = _carried(RESULT_FIELDS + of_operation + _tiers(call.request)[1:], parts)
    if not call.resend_count:
        attributes.pop(names.HTTP_REQUEST_RESEND_COUNT, None)
    if call.failure is not None:
        attributes[names.ERROR_TYPE] = call.failure.type
    if call.rate_limits is not None:
        attributes |= _carried(RATE_LIMIT_FIELDS, {"rate_limits": call.rate_limits})
    if (rate := call.output_tokens_per_second) is not None:
        attributes[own.OUTPUT_TOKENS_PER_SECOND] = rate
    return attributes | _cost_attributes(call)


def written(call: Call) -> Written:
    return Written(request_attributes(call.request), result_attributes(call))


def call_attributes(call: Call) -> Attributes:
    """Everything a span of this call carries."""
    return written(call).whole


def attempt_attributes(attempt: Attempt) -> Attributes:
    """What the span event of a failed attempt carries."""
    return _carried(ATTEMPT_FIELDS, {"attempt": attempt})


def trace_attributes(call: Call) -> Attributes:
    """What describes the call's provider trace beside the attributes of its span."""
    parts = {"sizes": call.sizes, "events": call.events, "call": call}
    return {name: value for name, value in _carried(TRACE_FIELDS, parts).items() if value != ()}


def _tiers(request: Request) -> tuple[Field, ...]:
    return OPENAI_TIERS if request.api.startswith(OPENAI_APIS) else OTHER_TIERS


def _carried(fields: Iterable[Field], parts: Mapping[str, object]) -> Attributes:
    attributes: Attributes = {}
    for field in fields:
        value = getattr(parts[field.part], field.name, None)
        if value is None or (field.kind == "true" and not value):
            continue
        if field.kind == "seconds":
            attributes[field.attribute] = value / 1e9
        elif field.kind == "double":
            attributes[field.attribute] = float(value)
        elif field.kind == "string":
            attributes[field.attribute] = str(value)
        else:
            attributes[field.attribute] = value
    return attributes


def _cost_attributes(call: Call) -> Attributes:
    match call.cost:
        case Ledger() as ledger:
            attributes: Attributes = {
                name: float(part) for name, part in zip(COST_PARTS, ledger.parts, strict=True) if part is not None
            }
            attributes |= {
                own.COST_TOTAL: float(ledger.total),
                own.COST_CURRENCY: ledger.currency,
                own.COST_SOURCE: ledger.source,
            }
            if not ledger.is_split:
                attributes[own.COST_UNSPLIT] = float(ledger.unsplit)
            elif not ledger.tools:
                del attributes[own.COST_TOOLS]
            if ledger.price_date is not None:
                attributes[own.COST_PRICE_DATE] = ledger.price_date
            return attributes
        case Unpriced(reason):
            return {own.COST_UNPRICED: reason}
        case None:
            return {}
