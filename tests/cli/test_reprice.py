"""`firsttoken reprice`: stored calls get the price that the list and one's own file have for them now."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import duckdb
import pytest

from firsttoken.call import Call, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage, stated_in_one
from firsttoken.store import Batch, Store

from .asking import MS, Ask, record
from .conftest import FIRSTTOKEN, FREE_PORTS, unconfigured

NOON_NS: Final = 1_795_348_800_000 * MS
"""22 November 2026."""
STATED: Final = stated_in_one(Decimal("0.1"), "USD", "openrouter response")
OWN: Final = '[[price]]\nmodel = "own"\ninput = 2\noutput = 4\n'


def made(model: str, cost: Ledger | Unpriced | None, provider: str = "openai", usage: Usage | None = None) -> Call:
    request = Request("chat", provider, "openai.chat_completions", model)
    counted = usage or Usage(100_000, 10_000)
    return Call(request, Timing(NOON_NS, 640 * MS), Outcome.COMPLETED, usage=counted, cost=cost)


DEAR: Final = Ledger(Decimal(1), Decimal(0), Decimal(0), Decimal(2), "USD", "genai-prices 0.0.1")
CALLS: Final = (
    made("own", Unpriced("unknown_model"), "llm.example.com"),
    made("gpt-4o", Unpriced("no_price_list")),
    made("gpt-4o", DEAR),
    made("openai/gpt-4o", STATED, "openrouter"),
    made("gone", DEAR),
    made("gpt-4o", Unpriced("partial_usage"), usage=Usage(100, partial=True)),
    made("gpt-4o", Unpriced("unknown_usage"), usage=Usage(10, 1, side_input_tokens=5)),
    replace(made("gpt-4o", None), usage=None, response=Response(status_code=429)),
    made("gpt-4o", None),
)


@pytest.fixture(autouse=True)
def filled(store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(CALLS)))).result(30)


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def totals(store_path: Path) -> list[Decimal | str | None]:
    """Of each call, in order: its cost or why it has none."""
    with duckdb.connect(store_path, read_only=True) as connection:
        rows = connection.execute("SELECT cost_total, unpriced_reason FROM calls ORDER BY span_id").fetchall()
    return [reason if cost is None else cost.normalize() for cost, reason in rows]


GPT_4O: Final = Decimal("0.35")
AFTER: Final = [Decimal("0.24"), GPT_4O, 3, Decimal("0.1"), 3, "partial_usage", "unknown_usage", None, GPT_4O]


def test_calls_without_a_price_get_the_one_that_there_is_now(ask: Ask, store_path: Path, prices: Path) -> None:
    done = ask("reprice", "--prices", str(prices))
    assert (done.code, done.err) == (0, "")
    assert totals(store_path) == AFTER
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "own llm.example.com 1 $0 $0.240 $0.240" in lines
    assert "gpt-4o openai 2 $3.00 $3.70 $0.700" in lines
    assert "3 of 6 calls that were looked at have another cost" in lines
    assert "1 call without a price: partial usage" in lines


def test_said_again_it_changes_nothing(ask: Ask, store_path: Path, prices: Path) -> None:
    ask("reprice", "--prices", str(prices))
    assert "0 of 3 calls that were looked at have another cost" in ask("reprice", "--prices", str(prices)).out
    assert totals(store_path) == AFTER


def test_a_price_that_a_call_has_changes_only_where_all_are_asked_for(ask: Ask, store_path: Path) -> None:
    done = ask("reprice", "--all", "--model", "g*")
    found = totals(store_path)
    assert (found[2], found[4]) == (GPT_4O, 3), "a price that no list knows any more stands"
    assert "gpt-4o" in done.out


def test_what_a_provider_stated_stands(ask: Ask, store_path: Path, prices: Path) -> None:
    prices.write_text('[[price]]\nmodel = "*"\ninput = 1\noutput = 1\n', encoding="utf-8")
    done = ask("reprice", "--all", "--prices", str(prices))
    assert "1 call left alone: their providers said what they cost" in done.out
    assert totals(store_path)[3] == Decimal("0.1")


def test_a_dry_run_says_what_would_change_and_changes_nothing(ask: Ask, store_path: Path, prices: Path) -> None:
    before = store_path.read_bytes()
    done = ask("reprice", "--prices", str(prices), "--dry-run")
    assert "3 of 6 calls that were looked at would get another cost" in done.out
    assert "$3.70" in done.out
    assert store_path.read_bytes() == before


def test_calls_that_began_together_are_told_apart(ask: Ask, store_path: Path, prices: Path) -> None:
    twins = [record(50, made("own", Unpriced("unknown_model"))), record(50, made("gpt-4o", Unpriced("no_price_list")))]
    with Store.open(store_path) as store:
        store.write(Batch(calls=(twins[0], replace(twins[1], span_id="f" * 16)))).result(30)
    ask("reprice", "--prices", str(prices))
    assert totals(store_path)[-2:] == [Decimal("0.24"), GPT_4O]


def test_a_call_whose_counts_are_short_gets_no_price(ask: Ask, store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(99, made("gpt-4o", Unpriced("unknown_cache"))),))).result(30)
    assert "1 call without a price: cached tokens unknown" in ask("reprice").out
    assert totals(store_path)[-1] == "unknown_cache"


def test_another_reason_takes_the_place_of_a_reason(ask: Ask, store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(99, made("nobody-knows", Unpriced("no_price_list"))),))).result(30)
    ask("reprice", "--model", "nobody-knows")
    assert totals(store_path)[-1] == "unknown_model"


@pytest.mark.parametrize(
    ("complaint", "arguments"),
    [
        ("the calls in ClickHouse are the Collector's", ("--store", "clickhouse://me@127.0.0.1/otel")),
        ("there is no store at", ("--store", "/nowhere/calls.duckdb")),
        ("has no calls of model nothing", ("--model", "nothing")),
        ("no call has the attribute 'modle'", ("--where", "modle=1")),
        ("cannot be read (No such file or directory)", ("--prices", "/nowhere/prices.toml")),
    ],
)
def test_what_cannot_be_priced_again_is_one_line(
    ask: Ask, store_path: Path, complaint: str, arguments: tuple[str, ...]
) -> None:
    before = totals(store_path)
    done = ask("reprice", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err
    assert totals(store_path) == before


def test_a_price_file_that_is_wrong_is_one_line_and_changes_nothing(ask: Ask, store_path: Path, prices: Path) -> None:
    before = totals(store_path)
    prices.write_text(OWN + "ouptut = 4", encoding="utf-8")
    done = ask("reprice", "--prices", str(prices))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "[[price]] number 1 has an unknown key 'ouptut'" in done.err
    assert totals(store_path) == before


def test_a_store_that_a_server_has_open_is_left_to_it(ask: Ask, store_path: Path, prices: Path) -> None:
    command = [FIRSTTOKEN, "serve", "--store", store_path, *FREE_PORTS]
    with subprocess.Popen(command, env=unconfigured(), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = re.search(r"Page +http://127\.0\.0\.1:(\d+)/", server.stdout.readline())
        assert port is not None
        told = ask("reprice", "--prices", str(prices), "--page-port", port[1])
        unaware = ask("reprice", "--prices", str(prices), "--page-port", "1")
        server.terminate()
    stop = f"is open in the server on port {port[1]}: stop it, price again, and start it again"
    assert (told.code, told.out, told.err) == (2, "", f"firsttoken: the store {store_path} {stop}\n")
    assert (unaware.code, unaware.out, unaware.err.count("\n")) == (2, "", 1)
    assert totals(store_path)[0] == "unknown_model"
