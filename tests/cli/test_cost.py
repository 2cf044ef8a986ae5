"""`firsttoken cost`: a table that fits, what is missing from it in words, and all of it for programs."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from page.site import running_site

from firsttoken.call import Call, CallContext, Ledger, Outcome, Response, Unpriced, Usage
from firsttoken.store import Batch, Store

from .asking import Ask, record
from .test_tables import KNOWN


def paid(amount: str, currency: str = "USD", user: str = "u1") -> Call:
    ledger = Ledger(Decimal(amount), Decimal(0), Decimal(0), Decimal(0), currency, "list", "2026-11-01")
    request = replace(KNOWN.request, context=CallContext(user_id=user))
    return replace(KNOWN, request=request, usage=Usage(1000, 10, cache_read_tokens=500), cost=ledger)


UNPRICED = replace(paid("0", user="u2"), cost=Unpriced("unknown_model"))
CUT = replace(KNOWN, usage=Usage(2000, 5, partial=True), outcome=Outcome.CANCELLED, cost=Unpriced("partial_usage"))


def fill(path: Path, *calls: Call) -> None:
    with Store.open(path) as store:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(calls)))).result(30)


def test_a_line_for_each_group_and_the_total_and_what_is_missing_from_it(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("1.5"), paid("0.25", user="u2"), UNPRICED)
    done = ask("cost", "--by", "user")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert [[line.split()[number] for number in (0, 1, 12, -1)] for line in (lines[3], lines[4], lines[6])] == [
        ["u1", "1", "$1.50", "0"],
        ["u2", "2", "$0.250", "1"],
        ["total", "3", "$1.75", "1"],
    ]
    assert lines[7] == "the total is incomplete: 1 call without a price"
    assert lines[8].startswith(
        '  1 call of openai gpt-5.1, unknown_model: add to prices.toml: [[price]] model = "gpt-5.1"'
    )


def test_each_currency_has_a_total_of_its_own(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("1"), paid("2", "EUR"), UNPRICED)
    lines = ask("cost").out.splitlines()
    assert [line.split()[11] for line in lines[3:6]] == ["€2.00", "$1.00", "-"]
    assert "the total is incomplete: 1 call without a price" in lines


def test_a_narrow_terminal_keeps_the_cost(ask: Ask, store_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store_path, paid("1.5"), UNPRICED)
    monkeypatch.setenv("COLUMNS", "60")
    table = ask("cost", "--by", "model").out.splitlines()[:6]
    assert all(len(line) <= 60 for line in table)
    assert "$1.50" in table[3]


def test_a_stream_that_was_cut_is_told_beside_the_total(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("1.5"), CUT)
    out = ask("cost").out
    assert "cut before the final counts, cancelled: 1 call, at least $0.00255, in no total" in out
    assert "cancelled: 1 call, unpriced: 1\n" in out


def test_streams_that_were_cut_of_many_groups_are_not_a_line_each(ask: Ask, store_path: Path) -> None:
    users = (CallContext(user_id=f"u{number}") for number in range(13))
    fill(store_path, *(replace(CUT, request=replace(CUT.request, context=user)) for user in users))
    lines = [line for line in ask("cost", "--by", "user").out.splitlines() if line.startswith("cut before")]
    assert len(lines) == 11
    assert lines[-1] == "cut before the final counts: 3 calls more, in no total: see --json"


def test_csv_has_a_row_for_each_group_and_currency_with_every_digit(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("0.000000000000000001"), paid("2", "EUR"), UNPRICED)
    rows = list(csv.DictReader(io.StringIO(ask("cost", "--by", "user", "--csv").out)))
    assert [(row["user"], row["currency"], row["calls"], row["cost_total"]) for row in rows] == [
        ("u1", "EUR", "1", "2.000000000000000000"),
        ("u1", "USD", "1", "0.000000000000000001"),
        ("u2", "", "1", ""),
    ]


def test_a_running_server_gives_the_same_answer_also_with_prices_of_ones_own(
    ask: Ask, tmp_path: Path, store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[[price]]\nmodel = "gpt-*"\nfrom = 2026-01-01\ninput = 1\ncache_read = 0.1\noutput = 2\n')
    calls = (paid("1.5"), UNPRICED, CUT)
    fill(store_path, *calls)
    asked = ("cost", "--by", "user", "--prices", str(prices), "--json")
    expected = ask(*asked)
    monkeypatch.delenv("FIRSTTOKEN_STORE")
    with Store.open(None) as store, running_site(store) as site:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(calls)))).result(30)
        found = ask(*asked, "--page-port", site.host.rpartition(":")[2])
    assert (expected.code, found.err, json.loads(found.out)) == (0, "", json.loads(expected.out))
    assert json.loads(found.out)["cut_streams"][0]["at_least"] == "0.00201"


def test_a_price_file_that_cannot_be_read_is_one_line(ask: Ask, tmp_path: Path, store_path: Path) -> None:
    fill(store_path, paid("1"))
    (tmp_path / "p.toml").write_text('[[price]]\nmodel = "x"\n')
    done = ask("cost", "--prices", str(tmp_path / "p.toml"))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "[[price]] number 1 has no input" in done.err


def test_a_hostile_model_cannot_write_lines_of_its_own(ask: Ask, store_path: Path) -> None:
    request = replace(UNPRICED.request, model="a\nthe total is $0 \x1b[2J")
    fill(store_path, replace(UNPRICED, request=request))
    out = ask("cost", "--by", "model").out
    assert "\x1b" not in out
    assert not any(line.startswith("the total is $0") for line in out.splitlines())


def test_the_ledger_has_a_line_for_each_line_of_a_bill(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("0.000000000000000001"), UNPRICED)
    shown = ask("cost", "--ledger", "--by", "user").out.splitlines()[2:]
    assert [line.split()[4] for line in shown] == ["input", "cache_read", "output", "unpriced:"]
    assert "0.000000000000000001" in shown[0]
    rows = list(csv.DictReader(io.StringIO(ask("cost", "--ledger", "--csv").out)))
    assert [(row["kind"], row["count"], row["amount"], row["unpriced_reason"]) for row in rows] == [
        ("input", "500", "0.000000000000000001", ""),
        ("cache_read", "500", "0.000000000000000000", ""),
        ("output", "10", "0.000000000000000000", ""),
        ("unpriced", "", "", "unknown_model"),
    ]


def test_the_ledger_as_parquet_keeps_amounts_exact_and_overwrites_nothing(
    ask: Ask, tmp_path: Path, store_path: Path
) -> None:
    fill(store_path, paid("0.1"), UNPRICED)
    path = tmp_path / "ledger.parquet"
    assert ask("cost", "--ledger", "--parquet", str(path)).code == 0
    assert pq.read_table(path)["amount"].to_pylist() == [Decimal("0.1"), Decimal(0), Decimal(0), None]
    done = ask("cost", "--ledger", "--parquet", str(path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "is there already" in done.err


@pytest.mark.parametrize(
    "command",
    [
        ("cost", "--json"),
        ("cost", "--csv"),
        ("cost", "--ledger", "--json"),
        ("calls", "--json"),
        ("calls", "--csv"),
        ("report", "--json"),
        ("report", "--csv"),
        ("what-if", "--to-model", "gpt-4o-mini", "--json"),
        ("show", f"{0:016x}", "--json"),
        ("sql", "SELECT * FROM calls", "--json"),
        ("sql", "SELECT * FROM calls", "--csv"),
        ("export", "-", "--format", "csv"),
        ("export", "-", "--format", "jsonl"),
    ],
    ids=" ".join,
)
def test_an_amount_is_never_written_with_an_exponent(ask: Ask, store_path: Path, command: tuple[str, ...]) -> None:
    fill(store_path, paid("0.00000001"))
    answer = ask(*command)
    assert answer.code == 0, answer.err
    assert re.findall(r"\dE[-+]?\d+", answer.out) == []


def test_a_servers_answers_have_no_amount_with_an_exponent(store_path: Path) -> None:
    fill(store_path, paid("0.00000001"))
    with Store.open(store_path) as store, running_site(store) as site:
        answers = [site.get(path).text for path in ("/api/calls", "/api/answers/cost", "/api/answers/calls")]
    assert [re.findall(r"\dE[-+]?\d+", text) for text in answers] == [[], [], []]


def test_the_costliest_calls_are_those_of_each_currency(ask: Ask, store_path: Path) -> None:
    fill(store_path, paid("2"), paid("1"), paid("300", "JPY"), paid("200", "JPY"), paid("100", "JPY"))
    rows = json.loads(ask("calls", "--costliest", "--limit", "2", "--json").out)
    told = [(row["call"]["cost"]["currency"], Decimal(row["call"]["cost"]["input"])) for row in rows]
    assert told == [("JPY", 300), ("JPY", 200), ("USD", 2), ("USD", 1)]


def test_calls_that_are_not_billed_cost_nothing(ask: Ask, store_path: Path) -> None:
    refused = replace(UNPRICED, usage=None, cost=None, response=Response(status_code=429))
    fill(store_path, refused)
    lines = ask("cost").out.splitlines()
    assert lines[3].split()[-4:] == ["0", "-", "-", "0"]
    assert not any(line.startswith("the total is incomplete") for line in lines)
    report = ask("report").out.splitlines()
    assert [line.split()[-1] for line in report if "gpt-5.1" in line] == ["0"]
