"""The boards of ClickHouse as Grafana's own components draw them, from what the real engine says of calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium import running_chromium
from clickhouse.same_calls import COUNT, MINUTE_NS, START_UNIX_NS, Stores, same_calls
from clickhouse.server import running
from dashboards.committed import BOARDS, panels
from e2e.drawing import Easel, Period, clickhouse_answers, easel

pytestmark = pytest.mark.timeout(900)

OF_CLICKHOUSE = [name for name in BOARDS if name.startswith("clickhouse/")]
PERIOD = Period(START_UNIX_NS // 10**9, (START_UNIX_NS + COUNT * MINUTE_NS) // 10**9, 600)
SEEN = """() => Object.fromEntries([...document.querySelectorAll('[data-panel]')].map((panel) => {
  const inside = panel.querySelector('[data-testid="data-testid panel content"]');
  const edge = inside.getBoundingClientRect().right + 1;
  const heads = [...panel.querySelectorAll('[role=columnheader]')];
  return [panel.dataset.panel, {
    empty: panel.querySelector('[data-empty]') !== null,
    text: inside.innerText,
    lines: [...panel.querySelectorAll('tbody tr')].map((row) => [...row.cells].at(-4).textContent.trim()),
    heads: heads.map((head) => head.innerText.trim()),
    hidden: heads.filter((head) => head.getBoundingClientRect().right > edge).length,
  }];
}))"""


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    with running() as server, same_calls(server) as both:
        yield both


@pytest.fixture(scope="module")
def paper() -> Iterator[Easel]:
    with running_chromium() as browser, easel(browser) as made:
        yield made


@pytest.mark.parametrize("name", OF_CLICKHOUSE)
def test_every_panel_shows_what_was_found_and_lines_have_the_names_of_groups(name, stores, paper):
    answers = clickhouse_answers(stores.client, BOARDS[name], PERIOD, "user")
    paper.draw(BOARDS[name], answers, PERIOD, "dark", {"by": "user"})
    paper.page.wait_for_function(
        "(count) => document.querySelectorAll('[data-panel] h2').length === count", arg=len(panels(name))
    )
    seen = paper.page.evaluate(SEEN)

    assert paper.errors == []
    for panel in panels(name):
        [answer], shown = answers[panel["id"]], seen[str(panel["id"])]
        columns = {column["name"]: column["values"] for column in answer["columns"]}
        assert not shown["empty"], panel["title"]
        match panel["type"]:
            case "timeseries":
                expected = set(columns["name"]) if "name" in columns else columns.keys() - {"time"}
                assert set(shown["lines"]) == expected
            case "table":
                assert shown["heads"] == list(columns)
                assert shown["hidden"] == 0, panel["title"]
            case _:
                assert any(letter.isdigit() for letter in shown["text"])
