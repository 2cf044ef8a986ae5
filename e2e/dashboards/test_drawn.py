"""Every panel of every board as Grafana's own components draw it, in light and dark, from what Prometheus says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chromium import running_chromium
from dashboards.committed import BOARDS, every_panel, panels
from e2e.dashboards.filled import EMPTY, filled
from e2e.drawing import Easel, Period, easel, of_prometheus, prometheus_answers
from patience import until
from playwright.sync_api import TimeoutError as NotDrawn

pytestmark = pytest.mark.timeout(900)

MODES = ("light", "dark")
SEEN = """() => Object.fromEntries([...document.querySelectorAll('[data-panel]')].map((panel) => {
  const texts = (selector) => [...panel.querySelectorAll(selector)].map((each) => each.innerText.trim());
  const inside = panel.querySelector('[data-testid="data-testid panel content"]');
  const colours = [...inside.querySelectorAll('*')].map((each) => getComputedStyle(each).color);
  const painted = [...panel.querySelectorAll('canvas')].map((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  const { scrollWidth, clientWidth } = inside;
  return [panel.dataset.panel, {
    title: panel.querySelector('h2').innerText,
    text: inside.innerText,
    empty: panel.querySelector('[data-empty]') !== null,
    colours: [...new Set(colours)],
    painted: Math.max(0, ...painted),
    dots: panel.querySelectorAll('[data-exemplar]').length,
    lines: [...panel.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent.trim())),
    heads: texts('[role=columnheader]'),
    rows: [...panel.querySelectorAll('[role=row]')].slice(1).map((row) =>
      [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.innerText.trim())),
    cut: scrollWidth > clientWidth + 1,
  }];
}))"""
RGB = """(colour) => {
  const shown = document.body.appendChild(document.createElement('i'));
  shown.style.color = colour;
  const said = getComputedStyle(shown).color;
  shown.remove();
  return said;
}"""


@dataclass(frozen=True)
class Drawing:
    """One board in one mode: what was asked and answered, and what is seen, by panel."""

    board: str
    mode: str
    answers: dict[int, list[Any]]
    seen: dict[str, Any]

    def of(self, *kinds: str) -> list[tuple[Any, list[Any], Any]]:
        return [
            (panel, self.answers[panel["id"]], self.seen[str(panel["id"])])
            for panel in panels(self.board)
            if panel["type"] in kinds and any(answer["result"] for answer in self.answers[panel["id"]])
        ]


@pytest.fixture(scope="module")
def paper() -> Iterator[Easel]:
    with running_chromium() as browser, easel(browser) as made:
        yield made


@pytest.fixture(scope="module")
def gateway(collector_binary, tmp_path_factory) -> Iterator[str]:
    """Prometheus's URL."""
    with filled(collector_binary, tmp_path_factory.mktemp("prometheus")) as back_ends:
        yield back_ends[2]


@pytest.fixture(scope="module")
def drawings(gateway, paper) -> list[Drawing]:
    """All that the applications did lies in the last quarter of an hour."""
    made = []
    for name, board in BOARDS.items():
        complete: list[tuple[Period, dict[int, list[Any]]]] = []
        until(lambda name=name, found=complete: found.extend(answered(gateway, name)) or bool(found))
        [(period, answers)] = complete
        for mode in MODES:
            paper.draw(board, answers, period, mode)
            drawn = [str(panel["id"]) for panel in panels(name)]
            made.append(Drawing(name, mode, answers, seen_when_complete(paper, drawn)))
    return made


def answered(url: str, name: str) -> list[tuple[Period, dict[int, list[Any]]]]:
    """Empty until rules and rates have caught up with the calls: each query has an answer that is to have one."""
    now = int(time.time())
    period = Period(now - 900, now, 5)
    answers = prometheus_answers(url, BOARDS[name], period, __rate_interval="5m")
    expected = {
        panel["id"]
        for panel in panels(name)
        for target in panel["targets"]
        if of_prometheus(target) and f"{name}: {panel['title']} {target['refId']}" not in EMPTY
    }
    found = {panel for panel, given in answers.items() if any(answer["result"] for answer in given)}
    return [(period, answers)] if found == expected else []


def seen_when_complete(paper: Easel, drawn: list[str]) -> dict[str, Any]:
    """What is painted comes a moment after what is laid out."""
    try:
        paper.page.wait_for_function(
            "(count) => document.querySelectorAll('[data-panel] h2').length === count", arg=len(drawn)
        )
    except NotDrawn:
        pytest.fail(f"{len(drawn)} panels were to be drawn: {paper.errors}")
    return paper.page.evaluate(SEEN)


def test_nothing_goes_wrong_on_the_page(drawings, paper):
    assert paper.errors == []
    assert len(drawings) == 2 * len(BOARDS)


def test_a_panel_shows_data_where_its_queries_have_some_and_else_says_what_there_is_none_of(drawings):
    wrong = []
    for drawing in drawings:
        for panel in panels(drawing.board):
            seen, words = drawing.seen[str(panel["id"])], panel["fieldConfig"]["defaults"]["noValue"]
            has_data = any(answer["result"] for answer in drawing.answers[panel["id"]])
            if (words in seen["text"]) == has_data or not (seen["text"] or seen["painted"]):
                wrong.append((drawing.board, panel["title"], has_data, seen["text"]))

    assert wrong == []


def test_a_figure_is_written_in_its_unit(drawings, paper):
    told = []
    for drawing in drawings:
        for panel, answers, seen in drawing.of("stat"):
            unit, shown = panel["fieldConfig"]["defaults"]["unit"], re.sub(r"\s", "", seen["text"])
            for line in (line for answer in answers for line in answer["result"]):
                value = paper.page.evaluate("window.written", {"unit": unit, "value": float(line["value"][1])})
                told.append((drawing.board, panel["title"], value, shown))

    assert len(told) > 80
    assert [each for each in told if re.sub(r"\s", "", each[2]) not in each[3]] == []


def test_a_figure_has_the_colour_of_its_threshold_and_without_one_that_of_text(drawings, paper):
    found = set()
    for drawing in drawings:
        for panel, answers, seen in drawing.of("stat"):
            steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
            colours = {step["color"]: in_page(paper, drawing.mode, step["color"]) for step in steps}
            [value] = [float(line["value"][1]) for line in answers[0]["result"]][:1]
            reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]][-1]
            expected = {reached} if len(steps) > 1 else set()
            shown = {name for name, colour in colours.items() if colour in seen["colours"]}
            assert expected == shown, (drawing.board, panel["title"], value)
            found |= shown

    assert {"green", "orange", "red"} == found


def in_page(paper: Easel, mode: str, name: str) -> str:
    return paper.page.evaluate(RGB, paper.page.evaluate("window.colour", {"mode": mode, "name": name}))


def test_every_line_stands_in_the_legend_under_its_name_with_its_last_value(drawings, paper):
    for drawing in drawings:
        for panel, answers, seen in drawing.of("timeseries"):
            unit = panel["fieldConfig"]["defaults"]["unit"]
            expected = {
                named(target["legendFormat"], line["metric"]): paper.page.evaluate(
                    "window.written", {"unit": unit, "value": float(line["values"][-1][1])}
                )
                for target, answer in zip(panel["targets"], answers, strict=True)
                for line in answer["result"]
            }
            assert expected == {cells[-4]: cells[-1] for cells in seen["lines"]}, (drawing.board, panel["title"])


def named(legend: str, labels: dict[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda found: labels.get(found[1], ""), legend).strip()


def test_a_dot_for_a_call_lies_on_the_lines_of_waits(drawings):
    dots = {
        (drawing.board, panel["title"]): seen["dots"]
        for drawing in drawings
        for panel, _, seen in drawing.of("timeseries")
        if panel["targets"][0].get("exemplar")
    }

    assert dots.pop(("overview", "First token p95 by model")) > 0
    assert ("latency", "First token") in dots


def test_lines_and_buckets_are_painted(drawings):
    pale = [
        (drawing.board, panel["title"])
        for drawing in drawings
        for panel, _, seen in drawing.of("timeseries", "heatmap")
        if seen["painted"] < 10
    ]

    assert pale == []


def test_a_table_has_a_row_for_each_set_of_labels_under_the_heads_of_its_columns(drawings):
    found = 0
    for drawing in drawings:
        for panel, answers, seen in drawing.of("table"):
            organized = panel["transformations"][-1]["options"]
            heads = list(
                dict.fromkeys(
                    sorted(organized["renameByName"].items(), key=lambda each: organized["indexByName"][each[0]])
                )
            )
            assert list(dict.fromkeys(head for _, head in heads)) == seen["heads"], (drawing.board, panel["title"])
            assert len(answers[0]["result"]) == len(seen["rows"]), (drawing.board, panel["title"])
            assert all(all(row[:-2]) for row in seen["rows"]), seen["rows"]
            found += 1

    assert found > 6


def test_every_unit_is_one_that_grafana_knows(paper):
    known = {"string", *paper.page.evaluate("window.units")}
    said = {
        unit
        for _, panel in every_panel()
        for unit in (
            panel["fieldConfig"]["defaults"].get("unit", "short"),
            *(p["value"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"),
        )
    }

    counts = {unit for unit in said if unit.startswith("count:")}
    assert set() == said - known - counts
    assert all(
        paper.page.evaluate("window.written", {"unit": unit, "value": 12}) == f"12 {unit.removeprefix('count:')}"
        for unit in counts
    )
    assert counts
