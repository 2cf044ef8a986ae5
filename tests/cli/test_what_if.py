"""`firsttoken what-if`: a line for each scenario, what it takes for granted, and what is not known."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from firsttoken.call import Call, Timing, Unpriced, Usage
from firsttoken.pricing import PriceBook
from firsttoken.store import Batch, Store

from .asking import Ask, record
from .test_tables import KNOWN

NOVEMBER_NS = 1_795_000_000 * 1_000_000_000
CALL = replace(KNOWN, request=replace(KNOWN.request, model="gpt-4o"), timing=Timing(NOVEMBER_NS, 1))


def priced(call: Call) -> Call:
    return replace(call, cost=PriceBook().price(call))


@pytest.fixture(autouse=True)
def filled(store_path: Path) -> None:
    calls = (priced(replace(CALL, usage=Usage(1000, 100))), replace(CALL, cost=Unpriced("unknown_tier")))
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(calls)))).result(30)


def test_a_line_for_each_model_and_what_is_assumed_and_left_out(ask: Ask) -> None:
    done = ask("what-if", "--to-model", "gpt-4o-mini", "--to-model", "anthropic/claude-sonnet-4-5")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert [line.split() for line in lines[3:5]] == [
        ["gpt-4o-mini", "1", "$0.00350", "$0.000210", "-$0.00329", "6.0", "%", "1", "0"],
        ["anthropic/claude-sonnet-4-5", "1", "$0.00350", "$0.00450", "$0.00100", "128.6", "%", "1", "0"],
    ]
    assert "  taken for granted of 1 call: its tokenizer would have counted as many tokens" in lines
    assert "  left out: 1 call, no_cost: it has a price there, and no recorded cost to hold it against" in lines


def test_csv_has_a_row_for_each_scenario_with_its_terms(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("what-if", "--batch", "--no-cache", "--by", "model", "--csv").out)))
    assert [(row["batch"], row["cache"], row["calls"], Decimal(row["difference"])) for row in rows] == [
        ("true", "none", "1", Decimal("-0.00175"))
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "Say what would be otherwise"),
        (("--batch", "--tier", "flex"), "--tier and --batch exclude each other"),
        (("--to-model", ""), "--to-model, --to-provider and --tier take a name"),
        (("--batch", "--to-provider", ""), "--to-model, --to-provider and --tier take a name"),
    ],
)
def test_a_question_that_cannot_be_is_one_line(ask: Ask, arguments: tuple[str, ...], complaint: str) -> None:
    done = ask("what-if", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err
