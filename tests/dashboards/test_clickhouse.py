"""Every question of the ClickHouse boards, asked of the real engine over calls of every kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from clickhouse.same_calls import COUNT, MINUTE_NS, START_UNIX_NS, Stores, same_calls
from clickhouse.server import running

from .asked_of_clickhouse import ASKED, VALUES, Range, filled_in

UNKNOWN = "\u2013"
GROUPS = ("user", "session", "agent", "organization", "project", "call type", "service", "model")
OVER = Range(START_UNIX_NS // 10**6, (START_UNIX_NS + COUNT * MINUTE_NS) // 10**6)


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    with running() as server, same_calls(server) as both:
        yield both


def asked(sql: str, by: str = "model", chosen: Mapping[str, list[str]] | None = None) -> str:
    return filled_in(sql, OVER, by, chosen)


def travelling(value: str) -> str:
    return f"x{value.encode().hex().upper()}"


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
def test_every_question_has_an_answer(stores, question):
    sql = asked(question, "user")

    assert "$" not in sql
    assert stores.client.query(sql).result_rows


@pytest.mark.parametrize("question", ASKED.values(), ids=ASKED)
def test_a_service_without_calls_gives_no_data_and_no_zero(stores, question):
    rows = stores.client.query(asked(question, chosen={"service": [travelling("nobody")]})).result_rows

    assert [row for row in rows if any(value is not None for value in row)] == []


def test_costs_of_groups_add_up_to_the_cost_of_all_whatever_they_are_grouped_by(stores):
    whole = dict(stores.client.query(asked(ASKED["clickhouse/cost: Cost"])).result_rows)
    for by in GROUPS:
        told = stores.client.query(asked(ASKED["clickhouse/cost: Spending"], by)).named_results()
        sums: dict[str, float] = {}
        for row in told:
            if row["cost"] is not None:
                sums[row["currency"]] = sums.get(row["currency"], 0) + row["cost"]
        assert {currency: pytest.approx(amount) for currency, amount in whole.items()} == sums


def test_a_choice_of_models_and_nothing_else_is_what_is_counted(stores):
    chosen = {"model": [travelling("gpt-4o"), travelling("")]}
    rows = stores.client.query(asked(ASKED["clickhouse/cost: Spending"], chosen=chosen)).named_results()

    assert {row["group"] for row in rows} == {"gpt-4o", UNKNOWN}


def test_a_choice_of_an_environment_is_what_is_counted(stores):
    everything, chosen, other, without = (
        stores.client.query(asked(ASKED["clickhouse/cost: Spending"], chosen=chosen)).result_rows
        for chosen in ({}, *({"environment": [travelling(name)]} for name in ("test", "prod", "")))
    )

    assert everything
    assert (chosen, other, without) == (everything, [], [])


@pytest.mark.parametrize(("name", "query"), VALUES.items(), ids=VALUES)
def test_a_variable_offers_what_was_called_and_carries_it_in_hexadecimal(stores, name, query):
    rows = stores.client.query(asked(query)).result_rows

    assert rows
    assert all(value == travelling(text) for text, value in rows), name


def test_percentiles_are_those_of_the_calls_themselves(stores):
    [[p95]] = stores.client.query(asked(ASKED["clickhouse/latency: First token p95"])).result_rows

    waits = sorted(
        nanoseconds
        for (nanoseconds,) in stores.client.query(
            "SELECT first_token_ns FROM firsttoken_calls WHERE first_token_ns IS NOT NULL"
        ).result_rows
    )
    assert waits[int(0.95 * len(waits))] / 1e9 == p95
