"""What a call's attributes say beside the Call that was read from them, and the whole of them again.

Both are kept side by side: the Call in typed form, and what it leaves over. The one is written as attributes again, and
the other corrects it, so that nothing is kept twice and every attribute comes out as it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from firsttoken.call import Call, operation_called
from firsttoken.semconv import names, own
from firsttoken.semconv.fields import CONTEXT_FIELDS, COST_PARTS, SPAN_FIELDS, Kind
from firsttoken.semconv.write import call_attributes

Attributes = dict[str, JsonValue]

TYPES: Final[Mapping[Kind, type]] = {
    "string": str,
    "int": int,
    "double": float,
    "seconds": float,
    "strings": list,
    "true": bool,
}
WRITTEN: Final[Mapping[str, type]] = {
    **{field.attribute: TYPES[field.kind] for field in (*SPAN_FIELDS, *CONTEXT_FIELDS)},
    **dict.fromkeys((*COST_PARTS, own.COST_UNSPLIT, own.COST_TOTAL), float),
    **dict.fromkeys((own.COST_CURRENCY, own.COST_SOURCE, own.COST_PRICE_DATE, own.COST_UNPRICED), str),
    **dict.fromkeys((names.ERROR_TYPE, names.OPENAI_API_TYPE), str),
    own.CONTEXT_NAMES: list,
}
"""All that a call is written as, and what JSON makes of it, but for what follows from the rest."""


def left_over(attributes: Mapping[str, JsonValue], call: Call) -> Attributes:
    """The attributes that the call does not give back, and null under the names that only the call has."""
    written = _as_sent(call)
    others: Attributes = {name: value for name, value in attributes.items() if not _same(value, written.get(name))}
    return others | {name: None for name in written if name not in attributes}


def left_over_of_ours(attributes: Mapping[str, JsonValue], call: Call) -> Attributes:
    """The same for a span that firsttoken wrote: what it writes need not be written again to be known."""
    if not operation_called(call.request.operation).uses_tokens:
        return left_over(attributes, call)
    more = call.request.context.more
    others: Attributes = {
        name: value for name, value in attributes.items() if type(value) is not WRITTEN.get(name) and name not in more
    }
    if others.get(own.OUTPUT_TOKENS_PER_SECOND) == call.output_tokens_per_second:
        others.pop(own.OUTPUT_TOKENS_PER_SECOND, None)
    return others


def whole(call: Call, others: Mapping[str, JsonValue]) -> Attributes:
    """The attributes as they were sent, from the call and what it left over."""
    sent = {**_as_sent(call), **others}
    return {name: value for name, value in sent.items() if value is not None}


def _as_sent(call: Call) -> Attributes:
    """The attributes of the call as JSON has them."""
    return {
        name: list(value) if isinstance(value, tuple) else value  # type: ignore[misc]
        for name, value in call_attributes(call).items()
    }


def _same(sent: JsonValue, written: JsonValue) -> bool:
    """Also in kind: 1 is not 1.0, and neither is true."""
    return type(sent) is type(written) and sent == written
