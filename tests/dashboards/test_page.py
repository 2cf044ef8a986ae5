"""docs/grafana.md tells of the boards that there are, by the names that they have."""

from __future__ import annotations

import re

import pytest

from .committed import BOARDS, FOLDER

PAGE = (FOLDER.parent / "docs" / "grafana.md").read_text(encoding="utf-8")
SECTIONS = {
    "Overview": ["overview"],
    "Latency": ["latency"],
    "Cost": ["cost"],
    "Errors": ["errors"],
    "Streaming": ["streaming"],
    "Fleet health": ["fleet-health"],
    "Cost and latency by user, from ClickHouse": ["clickhouse/cost", "clickhouse/latency"],
    "The calls": ["tempo/calls", "jaeger/calls"],
}


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_board_has_a_section():
    assert BOARDS.keys() == {board for boards in SECTIONS.values() for board in boards}
    assert [title for title in SECTIONS if not section(title)] == []


@pytest.mark.parametrize("title", SECTIONS)
def test_a_name_in_quotes_is_one_of_a_panel_a_row_or_a_variable(title):
    there = {
        name
        for board in SECTIONS[title]
        for name in (
            *(panel["title"] for panel in BOARDS[board]["panels"]),
            *(variable["label"] for variable in BOARDS[board]["templating"]["list"]),
        )
    }

    assert set(re.findall(r'"([^"]+)"', section(title))) - there == set()


def test_every_board_is_shown_but_for_the_second_one_of_calls():
    shown = set(re.findall(r"\(images/board-([\w-]+)\.png\)", PAGE))

    assert {board.replace("/", "-") for board in BOARDS.keys() - {"jaeger/calls"}} == shown
