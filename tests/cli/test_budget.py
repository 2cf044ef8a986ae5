"""`firsttoken budget`: a table, an exit code that a pipeline can act on, and rules for Prometheus."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from page.site import running_site

from firsttoken.call import Call, CallContext, Ledger, Timing, Unpriced
from firsttoken.store import Batch, Store

from .asking import Ask, record
from .test_tables import KNOWN

NOON_NS = 1_795_348_800 * 1_000_000_000
"""2026-11-22T12:00Z."""
AT = ("--at", "2026-11-22T12:00:05Z")
FILE = '[[budget]]\nname = "a user"\nlimit = 2\nwindow = "day"\neach = "user"\n'


def paid(amount: str, user: str) -> Call:
    ledger = Ledger(Decimal(amount), Decimal(0), Decimal(0), Decimal(0), "USD", "list")
    request = replace(KNOWN.request, context=CallContext(user_id=user))
    return replace(KNOWN, request=request, timing=Timing(NOON_NS, 1), cost=ledger)


CALLS = (paid("1.5", "u1"), paid("1", "u2"), paid("0.7", "u1"))


def fill(store: Store, *calls: Call) -> None:
    store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(calls)))).result(30)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "budgets.toml"
    path.write_text(FILE)
    return str(path)


@pytest.fixture(autouse=True)
def filled(store_path: Path) -> None:
    with Store.open(store_path) as store:
        fill(store, *CALLS)


def test_a_limit_that_is_exceeded_is_shown_and_exits_with_one(ask: Ask, file: str) -> None:
    done = ask("budget", "check", "--file", file, *AT)
    lines = [line.split() for line in done.out.splitlines()[3:]]
    assert (done.code, done.err) == (1, "")
    assert [(line[2], line[6], line[7], line[-1]) for line in lines] == [
        ("user=u1", "$2.20", "$2.00", "exceeded"),
        ("user=u2", "$1.00", "$2.00", "ok"),
    ]


def test_limits_that_hold_exit_with_zero_whatever_is_warned_of_and_with_one_where_that_is_strict(
    ask: Ask, tmp_path: Path
) -> None:
    file = tmp_path / "b.toml"
    file.write_text(FILE.replace("limit = 2", "limit = 2.5"))
    asked = ("budget", "check", "--file", str(file), *AT)
    assert [ask(*asked).code, ask(*asked, "--strict").code] == [0, 0]
    assert [ask(*asked, "--warn", "80%").code, ask(*asked, "--warn", "80%", "--strict").code] == [0, 1]
    assert "warning" in ask(*asked, "--warn", "80%").out


def test_spending_that_is_not_known_is_never_silently_within_a_limit(
    ask: Ask, tmp_path: Path, store_path: Path
) -> None:
    with Store.open(store_path) as store:
        fill(store, *CALLS, replace(paid("1", "u2"), cost=Unpriced("unknown_model")))
    file = tmp_path / "b.toml"
    file.write_text(FILE.replace("limit = 2", "limit = 50"))
    done = ask("budget", "check", "--file", str(file), *AT)
    assert (done.code, done.out.splitlines()[4].split()[-1]) == (0, "incomplete")
    assert "incomplete: more was spent than is known, by calls without a price: see firsttoken cost" in done.out
    assert ask("budget", "check", "--file", str(file), *AT, "--strict").code == 1


@pytest.mark.parametrize(("code", "limit"), [(2, "50"), (1, "2")])
def test_a_budget_that_cannot_be_held_is_said_and_the_others_are_shown(
    ask: Ask, tmp_path: Path, code: int, limit: str
) -> None:
    file = tmp_path / "b.toml"
    slip = '[[budget]]\nname = "slip"\nlimit = 1\nwindow = "day"\nwhere = { featur = "x" }\n'
    file.write_text(slip + FILE.replace("limit = 2", f"limit = {limit}"))
    done = ask("budget", "check", "--file", str(file), *AT, "--strict")
    problem = "no call has the attribute 'featur': see `firsttoken show CALL` for those of a call"
    assert (done.code, done.err) == (code, f"firsttoken: budget 'slip': {problem}\n")
    lines = [line.split() for line in done.out.splitlines()[3:]]
    assert [(line[0], line[-1]) for line in lines] == [
        ("slip", "unknown"),
        *[("a", "ok" if code == 2 else state) for state in ("exceeded", "ok")],
    ]


def test_an_earlier_window_can_be_looked_at(ask: Ask, file: str) -> None:
    done = ask("budget", "check", "--file", file, "--at", "2026-11-21", "--json")
    assert (done.code, [row["spent"] for row in json.loads(done.out)["rows"]]) == (0, ["0"])


def test_csv_has_a_row_for_each_budget_and_value(ask: Ask, file: str) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("budget", "check", "--file", file, *AT, "--csv").out)))
    assert [(row["budget"], row["each"], Decimal(row["spent"]), row["state"]) for row in rows] == [
        ("a user", "user=u1", Decimal("2.2"), "exceeded"),
        ("a user", "user=u2", Decimal(1), "ok"),
    ]


def test_a_running_server_gives_the_same_answer(ask: Ask, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("budget", "check", "--file", file, "--warn", "40%", *AT, "--json")
    expected = ask(*asked)
    monkeypatch.delenv("FIRSTTOKEN_STORE")
    with Store.open(None) as store, running_site(store) as site:
        fill(store, *CALLS)
        found = ask(*asked, "--page-port", site.host.rpartition(":")[2])
    assert (found.code, json.loads(found.out)) == (1, json.loads(expected.out))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("check", "--file", "none.toml"), "budget file none.toml: cannot be read"),
        (("check", "--warn", "80"), "'80' is not a share of the limit such as 80%"),
        (("check", "--warn", "0%"), "is not a share of the limit"),
        (("rules", "--warn", "101%"), "is not a share of the limit"),
        (("check", "--at", "soon"), "'soon' is neither a time ago"),
    ],
)
def test_what_cannot_be_is_one_line_and_exits_with_two(ask: Ask, arguments: tuple[str, ...], complaint: str) -> None:
    done = ask("budget", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err


def test_a_server_does_not_start_with_budgets_that_cannot_be_read(ask: Ask, tmp_path: Path) -> None:
    done = ask("serve", "--memory", "--budgets", str(tmp_path / "none.toml"))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "none.toml: cannot be read" in done.err


def test_rules_are_printed_for_what_metrics_carry_and_refused_for_the_rest(ask: Ask, file: str) -> None:
    refused = ask("budget", "rules", "--file", file)
    assert (refused.code, refused.out) == (2, "")
    assert "set FIRSTTOKEN_METRIC_ATTRIBUTES=user.id where the calls are made, and here" in refused.err
    printed = ask("budget", "rules", "--file", file, "--metric-attributes", "user.id, feature")
    assert (printed.code, printed.err) == (0, "")
    assert "  - alert: FirsttokenBudgetExceeded\n" in printed.out


def test_no_command_at_all_is_answered_with_the_help(ask: Ask) -> None:
    done = ask("budget")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Usage: firsttoken budget [OPTIONS] [COMMAND]")
