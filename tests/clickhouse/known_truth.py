"""A million calls of which every total and percentile is a formula. Both engines make them from the numbers of a range.

Call `number` is the one at place `number // 4` of model `number % 4`. Its times grow in steps with another place, which
runs through all places of its model, out of order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final

import duckdb
from clickhouse_connect.driver.client import Client

from firsttoken.store import Store

CALLS: Final = 1_000_000
MODELS: Final = 4
PER_MODEL: Final = CALLS // MODELS
START_UNIX_NS: Final = 1_795_000_000_000_000_000
STEP_NS: Final = 1_000
LEAD: Final = 1_000
"""By how many steps the first token of a model comes later than that of the one before."""
SHUFFLE: Final = 7_919
"""Has no divisor in common with the number of calls of a model."""
PRICE: Final = Decimal("0.000000001")
LEAST: Final = Decimal("0.000000000000000001")

_MODEL: Final = f"(number % {MODELS})"
_PLACE: Final = f"(CAST((number - {_MODEL}) / {MODELS} AS BIGINT) * {SHUFFLE} % {PER_MODEL})"
_COST: Final = f"CAST('{PRICE}' AS DECIMAL(28, 18)) * number"
_LEAST: Final = f"CAST('{LEAST:f}' AS DECIMAL(28, 18))"
_NOTHING: Final = "CAST('0' AS DECIMAL(28, 18))"

VALUES: Final = {
    "trace_id": "lpad(CAST(number AS VARCHAR), 32, '0')",
    "span_id": "lpad(CAST(number AS VARCHAR), 16, '0')",
    **dict.fromkeys(("name", "service", "scope", "cost_source"), "'made'"),
    "received_unix_ns": "1",
    "operation": "'chat'",
    "provider": "'openai'",
    "api": "'openai.responses'",
    "model": f"'model-' || CAST({_MODEL} AS VARCHAR)",
    "stream": "true",
    "started_unix_ns": f"{START_UNIX_NS} + number * 1000000",
    "duration_ns": f"{_PLACE} * {STEP_NS * 10}",
    "first_token_ns": f"({_PLACE} + {_MODEL} * {LEAD}) * {STEP_NS}",
    "outcome": "'completed'",
    "resend_count": "0",
    **dict.fromkeys(("hidden_reasoning", "compacted", "repeated", "usage_partial"), "false"),
    **dict.fromkeys(("uses_tokens", "usage_reported"), "true"),
    "input_tokens": "number",
    "output_tokens": _MODEL,
    "cache_read_tokens": "CASE WHEN number % 2 = 0 THEN 3 END",
    "cost_input": _COST,
    "cost_cache_read": _NOTHING,
    "cost_cache_write": _LEAST,
    "cost_output": _NOTHING,
    "cost_tools": _NOTHING,
    "cost_total": f"{_COST} + {_LEAST}",
    "cost_currency": "'USD'",
}
"""The columns, in SQL that both engines read alike."""


def make_in_duckdb(path: Path) -> None:
    """Makes a store of them."""
    Store.open(path).close()
    empty = {"attributes": "'{}'", "resource": "'{}'", "events": "'[]'"}
    made = f"{_selected(VALUES | empty)} FROM range({CALLS}) AS numbers(number)"
    with duckdb.connect(path) as connection:
        connection.execute(f"INSERT INTO calls BY NAME SELECT {made}")


def make_in_clickhouse(client: Client) -> None:
    made = f"{_selected(VALUES)} FROM (SELECT toInt64(number) AS number FROM numbers({CALLS}))"  # noqa: S608
    client.command(f"INSERT INTO firsttoken_call_rows ({', '.join(VALUES)}) SELECT {made}")


def _selected(values: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in values.items())


def sum_of_numbers(model: int | None) -> int:
    """Of all calls, or of those of a model."""
    if model is None:
        return CALLS * (CALLS - 1) // 2
    return MODELS * PER_MODEL * (PER_MODEL - 1) // 2 + model * PER_MODEL


def cost(model: int | None) -> Decimal:
    calls = CALLS if model is None else PER_MODEL
    return sum_of_numbers(model) * PRICE + calls * LEAST


def duration_ns(quantile: Fraction, model: int | None) -> Fraction:
    """Every model has the same, so that of all calls each stands four times."""
    if model is not None:
        return quantile * (PER_MODEL - 1) * STEP_NS * 10
    return _between(quantile, lambda rank: rank // MODELS) * STEP_NS * 10


def first_token_ns(quantile: Fraction, model: int | None) -> Fraction:
    """Of all calls: where the lines of all models overlap, every step takes in one call of each."""
    if model is not None:
        return (quantile * (PER_MODEL - 1) + model * LEAD) * STEP_NS
    ahead = LEAD * sum(range(MODELS))
    return _between(quantile, lambda rank: math.ceil((rank + 1 + ahead) / MODELS) - 1) * STEP_NS


def _between(quantile: Fraction, value_at: Callable[[int], int]) -> Fraction:
    """The value at a place among all calls that falls between two ranks."""
    place = quantile * (CALLS - 1)
    rank = math.floor(place)
    return value_at(rank) + (place - rank) * (value_at(rank + 1) - value_at(rank))
