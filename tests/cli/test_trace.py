"""`firsttoken trace`: a trace as a tree, safe for a terminal."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from analyse.test_tracing import TRACE_ID, call, span
from page.samples import HOSTILE_TEXT

from firsttoken.call import Timing, Unpriced
from firsttoken.store import Batch, Store

from .asking import Ask

ESCAPES = "\x1b[31m\u202egpt"


@pytest.fixture
def kept(store_path: Path) -> None:
    """An agent with a call and a tool, and a span that has lost its parent."""
    spans = (
        span(1, None, end=4_000_000_000, name="invoke_agent planner"),
        span(3, 1, 5, 9, name=ESCAPES, status="error"),
    )
    streamed = call(2, 1, timing=Timing(10, 2_000_000_000, first_token_ns=500_000_000), cost=Unpriced("unknown_model"))
    streamed = replace(streamed, call=replace(streamed.call, request=replace(streamed.call.request, stream=True)))
    orphan = span(5, 77, 100, 200, name=HOSTILE_TEXT)
    with Store.open(store_path) as store:
        store.write(Batch(calls=(streamed, call(4, 1)), spans=(*spans, orphan))).result(30)


def test_spans_stand_indented_with_a_bar_each_and_the_sums_of_their_branch(ask: Ask, kept: None) -> None:
    shown = ask("trace", "abcdef")
    assert (shown.code, shown.err) == (0, "")
    lines = [" ".join(line.split()) for line in shown.out.splitlines()]
    assert lines[0].startswith(f"trace {TRACE_ID}, ")
    assert lines[1] == "4.00 s, 5 spans, 2 calls, 1 error, 200 tokens in, 14 out, $0.0300+"
    agent = next(line for line in lines if line.startswith("invoke_agent planner"))
    assert "|================================|" in agent
    assert "4.00 s 2 200 14 $0.0300+" in agent
    assert any("|....############ |" in line and "500 ms" in line for line in lines)
    assert any("(its parent is not here)" in line for line in lines)
    assert "unpriced: 1 call, not in the cost" in lines


def test_nothing_in_a_name_reaches_the_terminal(ask: Ask, kept: None) -> None:
    out = ask("trace", TRACE_ID).out
    assert "\\x1b[31m\\u202egpt" in out
    assert "\x1b" not in out


def test_the_rows_are_the_spans_in_the_order_of_the_tree(ask: Ask, kept: None) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("trace", TRACE_ID, "--csv").out)))
    assert [(row["depth"], row["kind"], row["place"]) for row in rows] == [
        ("0", "other", "root"),
        ("1", "other", "child"),
        ("1", "call", "child"),
        ("1", "call", "child"),
        ("0", "other", "orphan"),
    ]
    assert [row["branch_calls"] for row in rows] == ["2", "0", "1", "1", "0"]


def test_a_branch_alone_and_the_whole_as_json(ask: Ask, kept: None) -> None:
    told = json.loads(ask("trace", "abcdef", "--below", f"{2:016x}", "--json").out)["trace"]
    assert [node["kind"] for node in told["nodes"]] == ["call"]
    assert told["total"]["unpriced_calls"] == 1


def test_what_is_not_shown_is_said(ask: Ask, kept: None) -> None:
    out = ask("trace", "abcdef", "--limit", "1").out
    assert "(+ 3 spans not shown)" in out
    assert "not shown: 4 spans of smaller branches" in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["zz"], "no trace has the id 'zz': give at least 6 letters of one"),
        (["feedbeef"], "no trace has the id 'feedbeef': firsttoken calls --json lists those of calls"),
        (["abcdef", "--below", "x"], f"the trace {TRACE_ID} has no span 'x': firsttoken trace lists them"),
    ],
)
def test_what_is_not_there_is_one_line_and_exit_code_2(
    ask: Ask, kept: None, arguments: list[str], problem: str
) -> None:
    done = ask("trace", *arguments)
    assert (done.code, done.err.strip()) == (2, f"firsttoken: {problem}")


def test_an_id_that_several_traces_share_lists_them(ask: Ask, store_path: Path) -> None:
    with Store.open(store_path) as store:
        others = tuple(span(number, None, trace_id=f"abcdef{number:026x}") for number in (1, 2))
        store.write(Batch(spans=others)).result(30)
    done = ask("trace", "abcdef")
    assert (done.code, done.err.strip()) == (2, "firsttoken: 'abcdef' may mean 2 traces: give more of the id of one")
    assert f"abcdef{1:026x}" in done.out
