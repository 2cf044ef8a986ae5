"""Which column of `calls` carries which field of a Call: the one table that writing and reading share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final, Literal, NamedTuple, cast

from firsttoken.call import (
    NOTHING_SAID,
    Attempt,
    Call,
    CallContext,
    Category,
    ContextValue,
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
)

Kind = Literal["text", "texts", "int", "real", "flag", "money", "attempts", "json"]
Part = Literal[
    "request", "parameters", "timing", "call", "response", "failure", "usage", "cost", "context", "rate_limits"
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and the field of the part of a Call that it holds."""

    name: str
    part: Part
    field: str
    kind: Kind


def _columns(part: Part, kind: Kind, *fields: str, **renamed: str) -> tuple[Column, ...]:
    """Columns named like their fields, then those of another name, as `column=field`."""
    names = {field: field for field in fields} | renamed
    return tuple(Column(name, part, field, kind) for name, field in names.items())


CALL_COLUMNS: Final = (
    *_columns("request", "text", "operation", "provider", "api", "model", "server_address"),
    *_columns("request", "flag", "stream"),
    *_columns("request", "int", "server_port"),
    *_columns("parameters", "int", "max_tokens", "top_k", "seed", "choice_count", "dimension_count"),
    *_columns("parameters", "real", "temperature", "top_p", "frequency_penalty", "presence_penalty"),
    *_columns("parameters", "texts", "stop_sequences", "encoding_formats"),
    *_columns("parameters", "text", "previous_response_id", "conversation_id", "stream_cursor"),
    *_columns("parameters", "text", "reasoning_level", "output_type", request_service_tier="service_tier"),
    *_columns("context", "text", "user_id", "session_id", "agent_id", "step_id", "organization_id", "project_id"),
    *_columns("context", "text", "call_type", "retry_group", context_run_id="run_id"),
    *_columns("context", "texts", "tags"),
    *_columns("context", "json", context_more="more"),
    *_columns("timing", "int", "started_unix_ns", "duration_ns", "headers_ns", "first_chunk_ns", "first_token_ns"),
    *_columns("timing", "int", "last_chunk_ns", "chunk_count", "largest_gap_ns"),
    *_columns("timing", "int", "provider_wait_ns", "consumer_wait_ns"),
    *_columns("timing", "int", "stall_count", "stalled_ns", "first_stall_ns"),
    *_columns("call", "text", "outcome", "raw_usage"),
    *_columns("call", "int", "resend_count"),
    *_columns("call", "attempts", "attempts"),
    *_columns("call", "text", "error_category"),
    *_columns("response", "text", "request_id", "speed", "inference_geo", "system_fingerprint"),
    *_columns("response", "text", response_id="id", response_model="model", response_service_tier="service_tier"),
    *_columns("response", "text", response_status="status", response_empty="empty"),
    *_columns("response", "texts", "finish_reasons"),
    *_columns("response", "int", "status_code"),
    *_columns("response", "flag", "hidden_reasoning", "compacted", "repeated"),
    *_columns("response", "int", "counted_tokens", "batch_requests", "batch_failed"),
    *_columns("failure", "text", "exception_type", "stacktrace", error_type="type", error_message="message"),
    *_columns("failure", "text", error_stage="stage", error_code="code"),
    *_columns("failure", "int", "retry_after_ns"),
    *_columns("usage", "flag", usage_partial="partial"),
    *_columns("usage", "int", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"),
    *_columns("usage", "int", "cache_write_5m_tokens", "cache_write_1h_tokens", "reasoning_tokens"),
    *_columns("usage", "int", "input_text_tokens", "output_text_tokens"),
    *_columns("usage", "int", "input_image_tokens", "output_image_tokens"),
    *_columns("usage", "int", "input_audio_tokens", "output_audio_tokens"),
    *_columns("usage", "int", "side_input_tokens", "side_output_tokens"),
    *_columns("usage", "int", "web_search_requests", "web_fetch_requests"),
    *_columns("rate_limits", "int", **{f"rate_{field.name}": field.name for field in fields(RateLimits)}),
    *_columns("cost", "money", cost_input="input", cost_cache_read="cache_read"),
    *_columns("cost", "money", cost_cache_write="cache_write", cost_output="output"),
    *_columns("cost", "money", cost_tools="tools", cost_unsplit="unsplit", cost_total="total"),
    *_columns("cost", "text", cost_currency="currency", cost_source="source", cost_price_date="price_date"),
    *_columns("cost", "text", unpriced_reason="reason"),
)
"""Beside these, `usage_reported` tells a usage of unknown counts from no usage at all, and `uses_tokens` says whether
the operation should have one: fetching what was asked for before need not."""


class _NoFailure(NamedTuple):
    type: None = None
    message: None = None
    exception_type: None = None
    stacktrace: None = None
    stage: None = None
    code: None = None
    retry_after_ns: None = None


class _CostFields(NamedTuple):
    """A ledger, a reason, or neither, as flat as a row is."""

    input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None
    tools: Decimal | None = None
    unsplit: Decimal | None = None
    """None too where the parts are all that there is."""
    total: Decimal | None = None
    currency: str | None = None
    source: str | None = None
    price_date: str | None = None
    reason: str | None = None


LARGEST_AMOUNT: Final = Decimal(10) ** 10
"""What a cost column can hold. No call costs as much, so an amount like that is a mistake of its sender."""
NOT_AN_AMOUNT: Final = "price_error"
MONEY_STEP: Final = Decimal(1).scaleb(-18)
MONEY: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)
"""Wider than a cost column, so that rounding to its last digit is the only thing that can happen to an amount."""
NO_FAILURE: Final = _NoFailure()
NO_USAGE: Final = Usage()
NO_RATE_LIMITS: Final = RateLimits()
NO_COST: Final = _CostFields()


def parts_of(calls: Iterable[Call]) -> dict[Part, list[object]]:
    """The parts of each call, side by side. One that is missing is a part without values."""
    every = list(calls)
    return {
        "request": [call.request for call in every],
        "context": [call.request.context for call in every],
        "parameters": [call.request.parameters for call in every],
        "timing": [call.timing for call in every],
        "call": list(every),
        "response": [call.response for call in every],
        "failure": [call.failure or NO_FAILURE for call in every],
        "usage": [call.usage or NO_USAGE for call in every],
        "rate_limits": [call.rate_limits or NO_RATE_LIMITS for call in every],
        "cost": [cost_fields(call.cost) for call in every],
    }


def call_of(row: Mapping[str, object]) -> Call:
    """The Call that a row of `calls` holds."""
    taken: dict[Part, dict[str, Any]] = {}
    for column in CALL_COLUMNS:
        value = row[column.name]
        taken.setdefault(column.part, {})[column.field] = tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    call = taken["call"]
    return Call(
        request=Request(
            **taken["request"], parameters=Parameters(**taken["parameters"]), context=_context(taken["context"])
        ),
        timing=Timing(**taken["timing"]),
        outcome=Outcome(call["outcome"]),
        response=Response(**taken["response"]),
        usage=Usage(**taken["usage"]) if row["usage_reported"] else None,
        raw_usage=call["raw_usage"],
        rate_limits=_rate_limits(taken["rate_limits"]),
        failure=_failure(taken["failure"], call["error_category"]),
        cost=_cost(_CostFields(**taken["cost"])),
        resend_count=call["resend_count"],
        attempts=tuple(_attempt(**each) for each in call["attempts"] or ()),
    )


def _context(taken: dict[str, Any]) -> CallContext:
    """Calls of before there was a context have not even tags."""
    said = {name: value for name, value in taken.items() if value is not None and value != ()}
    if "more" in said:
        said["more"] = {name: _listless(value) for name, value in json.loads(said["more"]).items()}
    return CallContext(**said) if said else NOTHING_SAID


def _listless(value: Any) -> ContextValue:
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value


def _rate_limits(taken: dict[str, Any]) -> RateLimits | None:
    limits = RateLimits(**taken)
    return None if limits == NO_RATE_LIMITS else limits


def _failure(taken: dict[str, Any], category: str | None) -> Failure | None:
    if taken["type"] is None:
        return None
    stage = taken.pop("stage")
    return Failure(
        **taken, category=Category(category or Category.UNKNOWN), stage=None if stage is None else Stage(stage)
    )


def _attempt(category: str, **taken: Any) -> Attempt:
    return Attempt(category=Category(category), **taken)


def cost_fields(cost: Cost | None) -> _CostFields:
    """A cost as flat as a row is."""
    match cost:
        case Ledger():
            return _ledger_fields(cost)
        case Unpriced(reason):
            return _CostFields(reason=reason)
        case None:
            return NO_COST


def _ledger_fields(ledger: Ledger) -> _CostFields:
    amounts = [amount for amount in (*ledger.parts, ledger.unsplit) if amount is not None]
    if not all(amount.is_finite() for amount in amounts) or sum(map(abs, amounts)) >= LARGEST_AMOUNT:
        return _CostFields(reason=NOT_AN_AMOUNT)
    input_, cache_read, cache_write, output, tools = (stored_money(part) for part in ledger.parts)
    unsplit = None if ledger.is_split else stored_money(ledger.unsplit)
    stored = (input_, cache_read, cache_write, output, tools, unsplit)
    return _CostFields(
        *stored,
        total=sum((amount for amount in stored if amount is not None), Decimal(0)),
        currency=ledger.currency,
        source=ledger.source,
        price_date=ledger.price_date,
    )


def stored_money(amount: Decimal | None) -> Decimal | None:
    """Rounded to the last digit of a cost column."""
    return None if amount is None else amount.quantize(MONEY_STEP, context=MONEY)


def _cost(fields: _CostFields) -> Cost | None:
    if fields.reason is not None:
        return Unpriced(fields.reason)
    input_, cache_read, cache_write, output, tools, unsplit, _, currency, source, price_date, _ = fields
    if currency is None or (unsplit is None and None in (input_, cache_read, cache_write, output)):
        return None
    if unsplit is None:
        tools, unsplit = tools or Decimal(0), Decimal(0)
    return Ledger(input_, cache_read, cache_write, output, currency, source or "", price_date, tools, unsplit)
