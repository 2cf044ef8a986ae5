from dataclasses import replace
from decimal import Decimal

import pytest

from firsttoken.analyse.answers import CallRow, ModelTotals, Percentiles, Report, Totals
from firsttoken.call import Call, Category, Failure, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage
from firsttoken.cli.calls_table import print_calls
from firsttoken.cli.report_table import print_report
from firsttoken.cli.summary import summary
from firsttoken.cli.tables import Cell, Column, print_table
from firsttoken.store import Selection

from .asking import Ask

MS = 1_000_000
NOON_NS = 1_767_268_800 * 1_000_000_000
"""2026-01-01 12:00 UTC."""
LEDGER = Ledger(Decimal("0.001"), Decimal(0), Decimal(0), Decimal("0.0002"), "USD", "genai-prices 0.2.3")
KNOWN = Call(
    Request("chat", "openai", "openai.chat_completions", "gpt-5.1", stream=True),
    Timing(NOON_NS, 2_412 * MS, first_token_ns=412 * MS, last_chunk_ns=2_412 * MS),
    Outcome.COMPLETED,
    usage=Usage(1_532, 201),
    cost=LEDGER,
)
UNKNOWN = Call(
    Request("chat", "openai", "openai.chat_completions"),
    Timing(NOON_NS, 640 * MS),
    Outcome.FAILED,
    failure=Failure("rate_limit_exceeded", "slow down", category=Category.RATE_LIMIT),
    cost=Unpriced("unknown_usage"),
    resend_count=2,
)
NOTHING = Percentiles(0, None, None)
TOTALS = Totals(
    calls=3,
    errors=1,
    outcomes={"completed": 2, "failed": 1},
    error_categories={"rate_limit": 1},
    first_token=Percentiles(2, 0.412, 1.5),
    duration=Percentiles(3, 2.412, 61.0),
    input_tokens=12_345,
    output_tokens=678,
    cache_read_tokens=0,
    cache_write_tokens=0,
    reasoning_tokens=0,
    calls_without_usage=1,
    cost={"USD": Decimal("0.0012"), "EUR": Decimal("1.5")},
    unpriced_calls=1,
)
UNKNOWN_TOTALS = replace(
    TOTALS,
    calls=1,
    first_token=NOTHING,
    duration=Percentiles(1, 0.0001, 0.0001),
    input_tokens=0,
    output_tokens=0,
    cost={},
)
REPORT = Report(
    Selection(run_id="r1"),
    TOTALS,
    (ModelTotals("openai", "gpt-5.1", TOTALS), ModelTotals("anthropic", "", UNKNOWN_TOTALS)),
)


def row(call: Call, service: str = "app") -> CallRow:
    return CallRow("0" * 32, "1" * 16, None, service, "r1", call)


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())


def test_an_output_that_is_no_terminal_gets_every_column_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_calls([row(KNOWN), row(UNKNOWN, service="a-very-long-service-name" * 5)])
    header, _, known, unknown = (line.split() for line in printed(capsys).splitlines())
    titles = "started|service|model|outcome|first token|duration|input|output|speed|cost|retries|error|error type"
    assert header == titles.replace("|", " ").split(" ")
    assert " ".join(known[-13:]) == "app gpt-5.1 completed 412 ms 2.41 s 1,532 201 100 tok/s $0.00120 0"
    service = "a-very-long-service-name" * 5
    assert " ".join(unknown[-13:]) == f"{service} - failed - 640 ms - - - unpriced 2 rate_limit rate_limit_exceeded"


def test_a_call_that_is_not_billed_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_calls([row(replace(UNKNOWN, response=Response(status_code=429)))])
    assert printed(capsys).splitlines()[-1].split()[-4:] == ["0", "2", "rate_limit", "rate_limit_exceeded"]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 160])
def test_no_figure_is_ever_cut(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    print_calls([row(KNOWN)] * 2)
    lines = printed(capsys).splitlines()
    assert all("412 ms" in line and "2.41 s" in line for line in lines[2:])
    assert width <= 40 or max(map(len, lines)) <= width


def test_a_narrow_terminal_shortens_a_long_model_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    print_calls([row(replace(KNOWN, request=replace(KNOWN.request, model="m" * 100)))])
    lines = printed(capsys).splitlines()
    assert max(map(len, lines)) <= 60
    assert "mmm…" in lines[2]


def test_text_from_outside_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "[red]\x1b]0;owned\x07\n\u202e"
    call = replace(
        UNKNOWN,
        request=replace(UNKNOWN.request, model=hostile),
        failure=Failure(hostile, ""),
        cost=replace(LEDGER, currency=hostile),
    )
    print_calls([row(call, service=hostile)])
    shown = printed(capsys)
    assert len(shown.splitlines()) == 3
    assert shown.count(r"[red]\x1b]0;owned\x07\x0a\u202e") == 4


def test_a_report_shows_unknown_as_a_dash_and_says_what_its_sums_leave_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_report(REPORT)
    assert printed(capsys).splitlines() == [
        "                                   first token  first token  duration  duration   input  output"
        "                    unpriced",
        "model    provider   calls  errors          p50          p95       p50       p95  tokens  tokens"
        "              cost     calls",
        "─" * 123,
        "gpt-5.1  openai         3       1       412 ms       1.50 s    2.41 s    61.0 s  12,345     678"
        "  €1.50 + $0.00120         1",
        "-        anthropic      1       1            -            -   0.10 ms   0.10 ms       -       -"
        "                 -         1",
        "",
        "total                   3       1       412 ms       1.50 s    2.41 s    61.0 s  12,345     678"
        "  €1.50 + $0.00120         1",
        "errors: 1 rate_limit",
        "without usage: 1 call, not in the tokens",
        "unpriced: 1 call, not in the cost",
    ]


def test_a_summary_names_units_and_what_is_not_known() -> None:
    assert summary(REPORT) == (
        "firsttoken: 3 calls, 1 error\n"
        "  errors       1 rate_limit\n"
        "  first token  p50 412 ms, p95 1.50 s\n"
        "  duration     p50 2.41 s, p95 61.0 s\n"
        "  tokens       12,345 input, 678 output\n"
        "  cost         €1.50 + $0.00120\n"
        "  without usage: 1 call, not in the tokens\n"
        "  unpriced: 1 call, not in the cost"
    )


def test_a_summary_never_shows_zero_for_unknown() -> None:
    assert summary(replace(REPORT, totals=UNKNOWN_TOTALS)) == (
        "firsttoken: 1 call, 1 error\n"
        "  errors       1 rate_limit\n"
        "  first token  -\n"
        "  duration     p50 0.10 ms, p95 0.10 ms\n"
        "  tokens       - input, - output\n"
        "  cost         -\n"
        "  without usage: 1 call, not in the tokens\n"
        "  unpriced: 1 call, not in the cost"
    )


def test_a_summary_escapes_a_hostile_currency() -> None:
    totals = replace(TOTALS, cost={"\x1b[2J": Decimal(1)})
    assert "\x1b" not in summary(replace(REPORT, totals=totals))


@pytest.mark.parametrize("command", [("collector-config",), ("dashboards", "list")], ids=" ".join)
@pytest.mark.parametrize("width", [80, 120])
def test_on_a_narrow_terminal_a_list_has_every_name_and_every_word_of_what_it_is_for(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], width: int
) -> None:
    whole = ask(*command).out.splitlines()[2:]
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = ask(*command).out

    assert max(map(len, narrow.splitlines())) <= width
    assert "…" not in narrow
    assert sorted(narrow.split("─")[-1].split()) == sorted(" ".join(whole).split())


def test_where_sentences_cannot_give_way_enough_words_are_shortened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    print_table(
        [Column("name", is_figure=False), Column("says", is_figure=False, is_sentence=True)],
        [(Cell("a-name-of-some-length"), Cell("this and that"))],
    )

    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()[2:]] == [
        "a-name-of…  this and",
        "            that",
    ]
