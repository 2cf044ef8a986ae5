"""A report to hand on holds all it needs, and shows strangers' text as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from chromium import running_chromium

from firsttoken.analyse.asking import Answer, AnswerT, OptionsT, answered
from firsttoken.call import Call, Ledger
from firsttoken.cli.program import run
from firsttoken.page.document.content import MOST_ROWS, Content, content
from firsttoken.page.document.gathering import gather
from firsttoken.page.document.html import html
from firsttoken.page.document.picture import pictured, png
from firsttoken.page.figures import UNKNOWN
from firsttoken.page.pictures.drawing import svg
from firsttoken.store import EVERYTHING, Batch, Selection, Store

from .samples import EMBEDDED, EVERY_KIND, HOSTILE_TEXT, MS, NOON_NS, PRICED, RATE_LIMITED, STREAMED, later
from .site import record

DAY_NS = 86_400 * 1_000 * MS


class Asked:
    """A store, as a command asks it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT:
        return answered(answer, self._store, options)


def content_of(*calls: Call, by: tuple[str, ...] = ()) -> Content:
    with Store.open(None) as store:
        store.write(Batch(calls=tuple(record(call) for call in calls))).result(30)
        return content(gather(Asked(store), EVERYTHING, by), "LLM calls", NOON_NS)


@pytest.fixture(scope="module")
def every_kind() -> Content:
    days = (later(call, day * DAY_NS) for day in range(5) for call in EVERY_KIND)
    return content_of(*days, replace(STREAMED, cost=replace(PRICED, currency="EUR")))


class Page(HTMLParser):
    """The tags of a document, what they point to, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_document_needs_nothing_from_elsewhere_and_runs_nothing(every_kind: Content) -> None:
    text = html(every_kind)
    page = Page(text)
    assert page.tags & {"script", "link", "img", "iframe", "object", "form"} == set()
    assert (page.links, page.handlers) == ([], [])
    assert re.findall(r"url\((?!#)|@import", text) == []
    assert "default-src 'none'" in text


def test_names_that_are_markup_are_shown_as_text(every_kind: Content) -> None:
    text = html(every_kind)
    assert "<script" not in text
    assert "<img" not in text
    assert HOSTILE_TEXT[:20] in Page(text).text
    ElementTree.fromstring(svg(pictured(every_kind)))  # noqa: S314  our own picture


@pytest.mark.parametrize("unseen", ["\x1b[31m", "\x00", "\ufffe", "\u202e", "\n"], ids=ascii)
def test_names_of_what_is_not_seen_are_drawn_spelt_out(unseen: str) -> None:
    request = replace(STREAMED.request, model=f"a{unseen}b")
    drawn = content_of(*(replace(STREAMED, request=request, cost=PRICED) for _ in range(2)), by=("model",))
    assert any(f"\\u{ord(unseen[0]):04x}" in chart.svg for chart in drawn.charts)


def test_groups_whose_names_are_cut_alike_are_drawn_apart() -> None:
    models = [f"us.anthropic.claude-sonnet-4-{number}-20250929-v1:0" for number in range(3)]
    calls = [replace(STREAMED, request=replace(STREAMED.request, model=model), cost=PRICED) for model in models]
    drawn = content_of(*calls, by=("model",))
    speeds = next(chart for chart in drawn.charts if chart.title == "Output tokens per second")
    words = [text.text for text in ElementTree.fromstring(speeds.svg).iter() if text.tag.endswith("text")]  # noqa: S314
    named = sorted(str(word) for word in words if str(word).startswith("us."))
    cut = "us.anthropic.…-20250929-v1:0"
    assert named == [cut, f"{cut} (2)", f"{cut} (3)"]


def test_moments_are_written_with_hours_up_to_twenty_four() -> None:
    evening = later(STREAMED, 9 * 3_600 * 1_000 * MS)
    chart = content_of(evening, later(evening, 60_000 * MS)).charts[0]
    words = {text.text for text in ElementTree.fromstring(chart.svg).iter() if text.tag.endswith("text")}  # noqa: S314
    assert chart.title == "Time to first token"
    assert any(str(word).startswith("21:") for word in words)
    assert not any(str(word).startswith("09:") for word in words)


def test_the_hours_that_a_report_begins_and_ends_with_have_minutes() -> None:
    hour_ns = 3_600 * 1_000 * MS
    assert (
        "4 calls, from 2026-11-22 12:00 to 2026-11-22 15:00."
        in content_of(*(later(STREAMED, hour * hour_ns) for hour in range(4))).about
    )


def test_no_two_charts_name_their_parts_alike(every_kind: Content) -> None:
    names = re.findall(r'\bid="([^"]*)"', html(every_kind))
    assert len(names) == len(set(names)) > 0


@pytest.mark.system
@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(246, 247, 249)"), ("dark", "rgb(16, 19, 24)")])
def test_a_browser_shows_it_offline_in_both_schemes_and_at_the_width_of_a_phone(
    every_kind: Content, tmp_path: Path, scheme: Literal["light", "dark"], ground: str
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html(every_kind), encoding="utf-8")
    with running_chromium() as chromium:
        page = chromium.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        assert page.locator("figure svg").count() == len(every_kind.charts)
        assert (asked, complaints) == ([file.as_uri()], [])


def test_every_chart_takes_its_colours_from_the_style_sheet(every_kind: Content) -> None:
    for picture in re.findall(r'<div class="picture">(.*?)</div>', html(every_kind), re.DOTALL):
        colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', picture)) - {"none", "transparent"}
        assert {colour for colour in colours if not colour.startswith("var(--")} <= {"black", "#000"}


def test_a_report_has_its_charts_and_its_lists(every_kind: Content) -> None:
    assert [chart.title for chart in every_kind.charts] == [
        "Time to first token",
        "Time to first token, how often",
        "Output tokens per second",
        "Errors by category",
        "Cost by day, EUR",
        "Cost by day, USD",
        "Cache hit rate",
    ]
    assert [table.title for table in every_kind.tables] == ["By model", "Slowest calls", "Costliest calls"]
    assert any("without a price: unknown model" in clause for clause in every_kind.left_out)
    assert f"{len(EVERY_KIND) * 5 + 1} calls, from 2026-11-22 to 2026-11-26" in every_kind.about


def test_figures_are_those_of_the_other_commands(every_kind: Content) -> None:
    shown = {each.name: each.value for each in every_kind.headlines}
    assert shown["Calls"] == "56"
    only = content_of(STREAMED)
    row = dict(zip((head.name for head in only.tables[0].heads), only.tables[0].rows[0], strict=True))
    assert (row["model"], row["calls"], row["first token p50"], row["cost"]) == (
        "gpt-5.1",
        "1",
        "412\N{NO-BREAK SPACE}ms",
        "$0.00321",
    )


def test_calls_that_measure_nothing_make_a_report_without_charts_of_it() -> None:
    found = content_of(replace(EMBEDDED, cost=None), replace(RATE_LIMITED, cost=None))
    assert [chart.title for chart in found.charts] == ["Errors by category"]
    assert {each.name: each.value for each in found.headlines}["Cost"] == UNKNOWN
    assert png(found).startswith(b"\x89PNG")
    assert "NaN" not in html(found)


def models(count: int) -> Iterator[Call]:
    for number in range(count):
        call = replace(STREAMED, request=replace(STREAMED.request, model=f"model-{number:02d}"))
        yield later(replace(call, cost=Ledger(Decimal(1), Decimal(0), Decimal(0), Decimal(0), "USD", "list")), number)


def test_a_long_list_is_cut_and_says_so() -> None:
    found = content_of(*models(20))
    table = found.tables[0]
    assert (len(table.rows), table.note) == (MOST_ROWS, f"The {MOST_ROWS} with the most calls of 20.")
    assert found.charts[0].note.endswith("12 more are not drawn.")
    cost = next(chart for chart in found.charts if chart.title.startswith("Cost"))
    assert "others" in cost.svg


def test_calls_can_be_told_apart_by_anything() -> None:
    found = content_of(STREAMED, RATE_LIMITED, by=("provider", "outcome"))
    assert found.tables[0].title == "By provider and outcome"
    assert {row[:2] for row in found.tables[0].rows} == {("openai", "completed"), ("openai", "failed")}


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "calls.duckdb"
    with Store.open(path) as store:
        store.write(Batch(calls=tuple(record(call) for call in EVERY_KIND))).result(30)
    return path


def test_a_command_writes_the_document_and_the_picture_and_overwrites_neither(
    filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = (tmp_path / "a.html", tmp_path / "a.png")
    command = ["report", "--html", str(files[0]), "--png", str(files[1]), "--title", "<b>", "--store", str(filled)]
    assert run([*command, "--page-port", "1"]) == 0
    before = [file.read_bytes() for file in files]
    assert before[0].startswith(b"<!doctype html>")
    assert b"<title>&lt;b&gt;</title>" in before[0]
    assert before[1].startswith(b"\x89PNG")
    files[0].unlink()
    assert run([*command, "--page-port", "1"]) == 2
    assert "a.png is there already and was left as it is" in capsys.readouterr().err
    assert [file.exists() for file in files] == [False, True]
    assert files[1].read_bytes() == before[1]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--by", "user"], "--by is for --html and --png"),
        (["--html", "a.html", "--json"], "--html and --png go with none of --json"),
        (["--html", "gone/a.html"], "there is no folder gone"),
        (["--html", "a.html", "--by", "nothing_like_it"], "no call has the attribute 'nothing_like_it'"),
        (["--html", "a.html", "--model", "nobody"], "has no calls of model nobody"),
    ],
)
def test_a_document_that_cannot_be_is_one_line_and_no_file(
    filled: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["report", *arguments, "--store", str(filled), "--page-port", "1"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), complaint in err) == ("", 1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["calls.duckdb"]


def test_a_selection_is_said_at_the_top() -> None:
    with Store.open(None) as store:
        store.write(Batch(calls=(record(STREAMED),))).result(30)
        gathered = gather(Asked(store), Selection(models=("gpt-5.1",)), ())
    assert content(gathered, "t", NOON_NS).about.startswith("1 call of model gpt-5.1, on 2026-11-22")
