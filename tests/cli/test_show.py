"""`firsttoken show`: everything about one call, safe for a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from page.samples import EVERY_KIND, STREAMED
from page.site import ids, running_site
from page.site import record as whole_record
from pydantic import TypeAdapter

from firsttoken.analyse import CallDetail, find_call
from firsttoken.call import Attempt, Call, Category, Failure, Ledger, Outcome, Stage, Usage
from firsttoken.store import Batch, JsonText, Store

from .asking import MS, Ask, record
from .test_tables import KNOWN, UNKNOWN

DETAIL = TypeAdapter(CallDetail)
SECTIONS = ("call", "error", "attempts", "phases", "tokens", "bill", "context", "conversation", "attributes")


def kept(store_path: Path, *calls: Call, attributes: dict[str, Any] | None = None) -> None:
    records = [
        replace(record(number, call), attributes=JsonText(json.dumps(attributes or {})))
        for number, call in enumerate(calls, 1)
    ]
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(records))).result(30)


def section(shown: str, title: str) -> list[str]:
    """The facts below a title, without the space between name and value."""
    lines = shown.splitlines()
    if title not in lines:
        return []
    start = lines.index(title) + 1
    end = next((place for place in range(start, len(lines)) if not lines[place]), len(lines))
    return [" ".join(line.split()) for line in lines[start:end]]


def test_a_call_is_told_in_sections(ask: Ask, store_path: Path) -> None:
    kept(store_path, KNOWN, attributes={"feature": "search", "n": [1, None]})
    done = ask("show", f"{1:016x}")
    assert (done.code, done.err) == (0, "")
    assert section(done.out, "call")[:3] == [
        f"id {1:032x}/{1:016x}",
        f"started {section(done.out, 'call')[1].removeprefix('started ')}",
        "model gpt-5.1",
    ]
    assert section(done.out, "phases")[-3:] == [
        "waiting for the first token 412 ms until 412 ms",
        "generating 2.00 s until 2.41 s",
        "ending 0 ms until 2.41 s",
    ]
    assert section(done.out, "tokens") == ["input tokens 1,532", "output tokens 201", "speed 100 tok/s"]
    assert {"feature search", "n [1, null]"} <= set(section(done.out, "attributes"))
    assert section(done.out, "error") == section(done.out, "attempts") == []


def test_a_failure_and_its_attempts_are_told(ask: Ask, store_path: Path) -> None:
    attempts = (Attempt(100 * MS, 400 * MS, Category.OVERLOADED, 529, request_id="req_1", retry_after_ns=10**9),)
    failure = Failure("slow", "Slow down.", category=Category.RATE_LIMIT, stage=Stage.HEADERS, retry_after_ns=2 * 10**9)
    kept(
        store_path,
        replace(UNKNOWN, failure=failure, attempts=attempts, resend_count=1),
        replace(UNKNOWN, resend_count=2),
    )
    shown = ask("show", f"{1:016x}").out
    assert section(shown, "error") == [
        "category rate_limit", "type slow", "message Slow down.", "stage headers", "asked to wait 2.00 s"
    ]  # fmt: skip
    assert section(shown, "attempts") == [
        "1 overloaded with 529 after 100 ms, then waited 400 ms of 1.00 s asked for, request req_1"
    ]
    assert section(ask("show", f"{2:016x}").out, "attempts") == ["sent again 2 times, of which no more is known"]


def test_a_bill_has_its_lines_where_they_come_to_what_was_recorded(ask: Ask, store_path: Path, tmp_path: Path) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[[price]]\nmodel = "gpt-5.1"\ninput = "1.0"\noutput = "10.0"\n')
    ledger = Ledger(Decimal("0.0001"), Decimal(0), Decimal(0), Decimal("0.0005"), "USD", "list", "2026-11-01")
    ours = replace(KNOWN, usage=Usage(100, 50), cost=ledger)
    kept(store_path, ours, replace(ours, cost=replace(ledger, output=Decimal(1))))
    agreeing, other = (section(ask("show", f"{number:016x}", "--prices", str(prices)).out, "bill") for number in (1, 2))
    assert agreeing[:3] == [
        "input 100 at $1 for 1,000,000: $0.0001",
        "output 50 at $10 for 1,000,000: $0.0005",
        "total $0.0006",
    ]
    assert other == ["input $0.0001", "output $1", "total $1.0001", "prices list of 2026-11-01"]


def test_an_unpriced_call_says_why(ask: Ask, store_path: Path) -> None:
    kept(store_path, UNKNOWN)
    (line,) = section(ask("show", f"{1:016x}").out, "bill")
    assert line.startswith("unpriced The provider reported no token usage")


@pytest.mark.parametrize("call", EVERY_KIND, ids=range(len(EVERY_KIND)))
def test_every_kind_of_call_is_shown_and_is_the_same_as_json(ask: Ask, store_path: Path, call: Call) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=(whole_record(call, "r1"),))).result(30)
        expected = find_call(store, *ids(call))
    named = "/".join(ids(call))
    shown, told = ask("show", named), ask("show", named, "--json")
    assert (shown.code, told.code) == (0, 0)
    assert DETAIL.validate_json(told.out) == expected
    assert set(section(shown.out, "call")) > {f"id {named}", f"outcome {call.outcome.value}"}


def test_nothing_that_was_said_can_steer_the_terminal(ask: Ask, store_path: Path) -> None:
    evil = "\x1b[2J\x07\u202e[red]x[/red]"
    messages = json.dumps([{"role": "user", "parts": [{"type": "text", "content": f"one\n{evil}\ntwo"}]}])
    kept(store_path, replace(KNOWN, request=replace(KNOWN.request, model=evil)),
         attributes={evil: evil, "gen_ai.input.messages": messages})  # fmt: skip
    done = ask("show", f"{1:016x}")
    assert done.code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(done.out)
    assert section(done.out, "conversation") == ["user one", r"\x1b[2J\x07\u202e[red]x[/red]", "two"]


def test_an_id_that_may_mean_several_calls_lists_them(ask: Ask, store_path: Path) -> None:
    kept(store_path, KNOWN, UNKNOWN)
    done = ask("show", "0" * 12)
    assert (done.code, done.err) == (
        2, "firsttoken: '000000000000' may mean 2 calls: give more of the id of one\n"
    )  # fmt: skip
    assert [f"{number:032x}/{number:016x}" in done.out for number in (1, 2)] == [True, True]


@pytest.mark.parametrize(
    ("hint", "call_id"),
    [("firsttoken calls lists them", "nobody's call"), ("give at least 6 letters of one", "abc")],
)
def test_an_id_that_no_call_has_is_one_clear_line(ask: Ask, store_path: Path, hint: str, call_id: str) -> None:
    kept(store_path, KNOWN)
    done = ask("show", call_id)
    assert (done.code, done.out, done.err) == (2, "", f"firsttoken: no call has the id {call_id!r}: {hint}\n")


def test_a_running_server_tells_of_its_calls(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRSTTOKEN_STORE")
    with Store.open(None) as store, running_site(store) as site:
        site.add(STREAMED, run_id="r1")
        done = ask("show", ids(STREAMED)[1], "--json", "--page-port", site.host.rpartition(":")[2])
        assert DETAIL.validate_json(done.out) == find_call(store, *ids(STREAMED))


def test_a_cut_stream_says_what_had_come_so_far(ask: Ask, store_path: Path) -> None:
    cut = replace(KNOWN, outcome=Outcome.CLOSED, usage=Usage(100, 5, partial=True), cost=None)
    kept(store_path, cut)
    shown = ask("show", f"{1:016x}").out
    assert "partial the stream ended before the provider gave its final counts" in section(shown, "tokens")
    assert section(shown, "bill")[0].startswith("unpriced ")


def test_a_call_is_written_as_a_test_that_runs(ask: Ask, store_path: Path) -> None:
    kept(store_path, KNOWN)
    done = ask("show", f"{1:016x}", "--as-test")
    assert (done.code, done.err) == (0, "")
    space: dict[str, Any] = {}
    exec(compile(done.out, "test_call.py", "exec"), space)  # noqa: S102  it is what is tested
    space["test_the_call_goes_as_it_was_recorded"]()


def test_what_cannot_be_written_as_a_test_is_refused(ask: Ask, store_path: Path) -> None:
    kept(store_path, EVERY_KIND[-2])
    done = ask("show", f"{1:016x}", "--as-test")
    assert (done.code, done.out) == (2, "")
    assert "no test can be made of a call of 'embeddings'" in done.err
