"""Which column of `calls` carries which field of a Call: the one table that writing and reading share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
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
    Request,
    Response,
    Stage,
    Timing,
    Unpriced,
    Usage,
)

Kind = Literal["text", "texts", "int", "real", "flag", "money", "attempts", "json"]
Part = Literal["request", "parameters", "timing", "call", "response", "failure", "usage", "cost", "context"]


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
    *_columns("cost", "money", cost_input="input", cost_cache_read="cache_read"),
    *_columns("cost", "money", cost_cache_write="cache_write", cost_output="output"),
    *_columns("cost", "money", cost_tools="tools"),
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
    currency: str | None = None
    source: str | None = None
    price_date: str | None = None
    reason: str | None = None


LARGEST_AMOUNT: Final = Decimal(10) ** 10
"""What a cost column can hold. No call costs as much, so an amount like that is a mistake of its sender."""
NOT_AN_AMOUNT: Final = "price_error"
NO_FAILURE: Final = _NoFailure()
NO_USAGE: Final = Usage()
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
        "cost": [_cost_fields(call.cost) for call in every],
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


def _failure(taken: dict[str, Any], category: str | None) -> Failure | None:
    if taken["type"] is None:
        return None
    stage = taken.pop("stage")
    return Failure(
        **taken, category=Category(category or Category.UNKNOWN), stage=None if stage is None else Stage(stage)
    )


def _attempt(category: str, **taken: Any) -> Attempt:
    return Attempt(category=Category(category), **taken)


def _cost_fields(cost: Cost | None) -> _CostFields:
    match cost:
        case Ledger():
            parts = cost.input, cost.cache_read, cost.cache_write, cost.output, cost.tools
            if not all(part.is_finite() and abs(part) < LARGEST_AMOUNT for part in parts):
                return _CostFields(reason=NOT_AN_AMOUNT)
            return _CostFields(*parts, cost.currency, cost.source, cost.price_date)
        case Unpriced(reason):
            return _CostFields(reason=reason)
        case None:
            return NO_COST


def _cost(fields: _CostFields) -> Cost | None:
    if fields.reason is not None:
        return Unpriced(fields.reason)
    input_, cache_read, cache_write, output, tools, currency, source, price_date, _ = fields
    if input_ is None or cache_read is None or cache_write is None or output is None or currency is None:
        return None
    return Ledger(input_, cache_read, cache_write, output, currency, source or "", price_date, tools or Decimal(0))
