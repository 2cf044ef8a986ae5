"""The columns of `firsttoken_call_rows`: those of the embedded store's `calls`, with types and where each is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from firsttoken.call import OPERATIONS, Category, Outcome, Stage
from firsttoken.call.ledger import PARTS
from firsttoken.clickhouse.dialects import content_prefixes, senders, told
from firsttoken.clickhouse.expressions import (
    FIELDS,
    MONEY_TYPE,
    RUN,
    WIDE_MONEY_TYPE,
    amount,
    any_of,
    attempt_members,
    field_value,
    sums,
)
from firsttoken.clickhouse.texts import SPAN, listed, quoted
from firsttoken.semconv import names, own
from firsttoken.semconv.context import FIELDS as CONTEXT_NAMES
from firsttoken.semconv.context import NAMESPACES
from firsttoken.semconv.dialects import DIALECTS
from firsttoken.semconv.fields import COST_PARTS
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES
from firsttoken.store.call_columns import CALL_COLUMNS, LARGEST_AMOUNT, NOT_AN_AMOUNT, Column, Kind


class Typed(NamedTuple):
    """One column: its name, its type, and the expression over `otel_traces` that fills it."""

    name: str
    type: str
    expression: str


MANY_VALUES: Final = frozenset(
    {
        *("request_id", "response_id", "previous_response_id", "conversation_id", "stream_cursor", "retry_group"),
        *("user_id", "session_id", "agent_id", "step_id", "context_run_id", "context_more"),
        *("raw_usage", "error_message", "stacktrace"),
    }
)
"""Texts that hardly repeat, so that a dictionary of them would be as long as the column."""

NEVER_NULL: Final[Mapping[str, str]] = {"operation": "'chat'", "provider": "''", "api": "''", "resend_count": "0"}
"""What stands where nothing is said."""

ATTEMPT_TYPES: Final = {"failed_ns": "Int64", "wait_ns": "Int64", "category": "String"}
ATTEMPT_INTS: Final = frozenset({"status_code", "retry_after_ns"})

TYPES: Final[Mapping[Kind, str]] = {
    "int": "Nullable(Int64)",
    "real": "Nullable(Float64)",
    "flag": "Bool",
    "texts": "Array(String)",
    "money": f"Nullable({MONEY_TYPE})",
    "json": "Nullable(String)",
}

MAP: Final = "Map(LowCardinality(String), String)"
CONTENT: Final = listed(CONTENT_ATTRIBUTES)
"""What was said in a call lies in a column apart, which only the view of one call reads."""
IS_SAID: Final = "arrayExists(prefix -> startsWith(name, prefix), content_prefixes_)"
"""The same, in the words of another instrumentation."""
HELD: Final = (
    {field.attribute for field in FIELDS}
    | {*CONTENT_ATTRIBUTES, *COST_PARTS, own.COST_UNSPLIT, own.COST_TOTAL, own.COST_CURRENCY, own.COST_SOURCE}
    | {own.COST_PRICE_DATE, own.COST_UNPRICED, own.CONTEXT_NAMES, own.OUTPUT_TOKENS_PER_SECOND}
    | {names.ERROR_TYPE, names.OPENAI_API_TYPE}
)
"""What other columns hold already, or give back: see `semconv.left_over`."""

ORIGIN: Final = (
    Typed("trace_id", "String", "TraceId"),
    Typed("span_id", "String", "SpanId"),
    Typed("parent_span_id", "Nullable(String)", "nullIf(ParentSpanId, '')"),
    Typed("name", "LowCardinality(String)", "SpanName"),
    Typed("service", "LowCardinality(String)", "ServiceName"),
    Typed("run_id", "LowCardinality(Nullable(String))", RUN),
    Typed("scope", "LowCardinality(String)", "ScopeName"),
    Typed("received_unix_ns", "Int64", "toUnixTimestamp64Nano(now64(9))"),
)

AMOUNTS: Final[Mapping[str, str]] = dict(zip((*PARTS, "unsplit"), (*COST_PARTS, own.COST_UNSPLIT), strict=True))
"""The attribute of each amount of a ledger."""

WITHOUT_USAGE: Final = [name for name, operation in OPERATIONS.items() if not operation.uses_tokens]
ABOUT_EARLIER: Final = [name for name, operation in OPERATIONS.items() if operation.is_about_earlier]


def shared_expressions() -> dict[str, str]:
    """Names that the expressions of the columns use, and what they stand for."""
    largest = f"toDecimal256({quoted(str(LARGEST_AMOUNT))}, 18)"
    return {
        **senders(),
        **sums(),
        "content_prefixes_": content_prefixes(),
        "operation_": f"coalesce({field_value('request', 'operation')}, 'chat')",
        "bills_": f"operation_ NOT IN ({listed(WITHOUT_USAGE)})",
        "failed_": f"isNotNull({told(names.ERROR_TYPE)}) OR StatusCode = 'Error'",
        "unpriced_": told(own.COST_UNPRICED),
        "currency_": told(own.COST_CURRENCY),
        **{f"{part}_": amount(attribute) for part, attribute in AMOUNTS.items()},
        "used_": f"if(isNull(tools_) AND isNull(unsplit_), CAST(0, 'Nullable({WIDE_MONEY_TYPE})'), tools_)",
        "parts_": "input_ + cache_read_ + cache_write_ + output_",
        "split_": "isNotNull(parts_ + used_) AND ifNull(unsplit_, 0) = 0",
        "stated_": "isNotNull(unsplit_) OR isNotNull(parts_)",
        "priced_": "bills_ AND isNull(unpriced_) AND isNotNull(currency_) AND stated_",
        "impossible_": f"{' + '.join(f'ifNull(abs({part}_), 0)' for part in AMOUNTS)} >= {largest}",
        "ledger_": "priced_ AND NOT impossible_",
    }


def call_columns() -> list[Typed]:
    """Every column, in the order of the embedded store's table."""
    return [
        *ORIGIN,
        *(Typed(column.name, column_type(column), _expression(column)) for column in CALL_COLUMNS),
        Typed("uses_tokens", "Bool", f"bills_ AND operation_ NOT IN ({listed(ABOUT_EARLIER)})"),
        Typed("usage_reported", "Bool", f"bills_ AND {any_of('usage')}"),
        Typed("attributes", MAP, _others()),
        Typed("content", MAP, f"mapFilter((name, value) -> name IN ({CONTENT}) OR {IS_SAID}, {SPAN})"),
        Typed("resource", MAP, "ResourceAttributes"),
        Typed("events", f"Array(Tuple(name String, time_unix_ns Int64, attributes {MAP}))", span_events()),
    ]


def column_type(column: Column) -> str:
    match column.kind:
        case "text":
            text = "String" if column.name in {*NEVER_NULL, "outcome"} else "Nullable(String)"
            return text if column.name in MANY_VALUES else f"LowCardinality({text})"
        case "attempts":
            return f"Array(Tuple({', '.join(f'{name} {_attempt_type(name)}' for name in attempt_members())}))"
        case _:
            return "Int64" if column.name in {*NEVER_NULL, "started_unix_ns", "duration_ns"} else TYPES[column.kind]


def _others() -> str:
    """What no other column holds, and what dialects call otherwise of it by its current name as well."""
    current = sorted({row.current for dialect in DIALECTS for row in dialect.rows} - HELD)
    pairs = ", ".join(f"{quoted(name)}, ifNull({told(name)}, '')" for name in current)
    named = f"mapFilter((name, value) -> value != '', CAST(map({pairs}), {quoted(MAP)}))"
    is_corrected = f"is_beside_ AND name = {quoted(names.GEN_AI_USAGE_INPUT_TOKENS)}"
    is_held = f"name IN ({listed(sorted(HELD))}) AND NOT ({is_corrected}) OR {IS_OWN} OR {IS_SAID}"
    return f"mapUpdate({named}, mapFilter((name, value) -> NOT ({is_held}), {SPAN}))"


def _attempt_type(member: str) -> str:
    return ATTEMPT_TYPES.get(member) or ("Nullable(Int64)" if member in ATTEMPT_INTS else "Nullable(String)")


def _expression(column: Column) -> str:
    if column.name in SPECIAL:
        return SPECIAL[column.name]
    said = field_value(column.part, column.field)
    if said is None:
        return f"CAST(NULL, {quoted(column_type(column))})"
    if column.part == "usage":
        return f"if(bills_, {said}, {'false' if column.kind == 'flag' else 'NULL'})"
    if column.part == "failure":
        return f"if(failed_, {said}, NULL)"
    if column.name in NEVER_NULL:
        return f"ifNull({said}, {NEVER_NULL[column.name]})"
    return said


def _one_of(said: str | None, words: type[Outcome] | type[Category] | type[Stage], otherwise: str) -> str:
    """A word that we know, else what stands for an unknown one."""
    return f"if(ifNull({said} IN ({listed(words)}), false), {said}, {otherwise})"


def _attempts() -> str:
    """One for each event of a failed attempt of which it is known when it failed and what was waited."""
    members = attempt_members()
    members["category"] = _one_of(members["category"], Category, quoted(Category.UNKNOWN))
    is_whole = f"isNotNull({members['failed_ns']}) AND isNotNull({members['wait_ns']})"
    values = ", ".join(f"assumeNotNull({value})" if name in ATTEMPT_TYPES else value for name, value in members.items())
    sent = (
        f"arrayFilter((attempt, name) -> name = {quoted(own.EVENT_ATTEMPT_FAILED)}, `Events.Attributes`, `Events.Name`)"
    )
    return f"arrayMap(attempt -> ({values}), arrayFilter(attempt -> {is_whole}, {sent}))"


OWN_NAMES: Final = f"JSONExtract({SPAN}[{quoted(own.CONTEXT_NAMES)}], 'Array(String)')"
RESERVED: Final = "^(" + "|".join(sorted(NAMESPACES)) + ")[.]"
_FREE: Final = f"NOT match(name, {quoted(RESERVED)}) AND name NOT IN ({listed(sorted(CONTEXT_NAMES))})"
IS_OWN: Final = f"(has({OWN_NAMES}, name) AND {_FREE})"
"""Whether the application said it of the call under a name of its own."""


def _context_more() -> str:
    """What the application said under names of its own, as JSON: every value is a text."""
    said = f"mapFilter((name, value) -> {IS_OWN}, {SPAN})"
    return f"if(mapContains({SPAN}, {quoted(own.CONTEXT_NAMES)}) AND notEmpty({said}), toJSONString({said}), NULL)"


def span_events() -> str:
    """Those of a span, as a list of named members."""
    return (
        "arrayMap((name, time, sent) -> (name, toUnixTimestamp64Nano(time), sent), "
        "`Events.Name`, `Events.Timestamp`, `Events.Attributes`)"
    )


def _category() -> str:
    said = _one_of(field_value("call", "error_category"), Category, quoted(Category.UNKNOWN))
    cancelled = f"if({SPECIAL_OUTCOME} = {quoted(Outcome.CANCELLED)}, {quoted(Category.CANCELLED)}, NULL)"
    return f"if(failed_, {said}, {cancelled})"


SPECIAL_OUTCOME: Final = _one_of(
    field_value("call", "outcome"), Outcome, f"if(failed_, {quoted(Outcome.FAILED)}, {quoted(Outcome.COMPLETED)})"
)

SPECIAL: Final[Mapping[str, str]] = {
    "operation": "operation_",
    "started_unix_ns": "toUnixTimestamp64Nano(Timestamp)",
    "duration_ns": "toInt64(Duration)",
    "outcome": SPECIAL_OUTCOME,
    "attempts": _attempts(),
    "context_more": _context_more(),
    "error_category": _category(),
    "error_type": f"if(failed_, coalesce({told(names.ERROR_TYPE)}, '_OTHER'), NULL)",
    "error_message": "if(failed_, StatusMessage, NULL)",
    "error_stage": f"if(failed_, {_one_of(field_value('failure', 'stage'), Stage, 'NULL')}, NULL)",
    **{f"cost_{part}": f"if(ledger_, {part}_, NULL)" for part in PARTS},
    "cost_tools": "if(ledger_, used_, NULL)",
    "cost_unsplit": "if(ledger_ AND NOT split_, ifNull(unsplit_, 0), NULL)",
    "cost_total": f"if(ledger_, {' + '.join(f'ifNull({part}_, 0)' for part in AMOUNTS)}, NULL)",
    "cost_currency": "if(ledger_, currency_, NULL)",
    "cost_source": f"if(ledger_, ifNull({told(own.COST_SOURCE)}, ''), NULL)",
    "cost_price_date": f"if(ledger_, {told(own.COST_PRICE_DATE)}, NULL)",
    "unpriced_reason": f"if(bills_, if(priced_ AND impossible_, {quoted(NOT_AN_AMOUNT)}, unpriced_), NULL)",
}
"""What takes more than one attribute to know."""
