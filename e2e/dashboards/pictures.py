"""The pictures of boards in docs/images, by `make board-pictures`: a made up day through the real gateway into the real
Prometheus, Tempo and ClickHouse engine, drawn by Grafana's own components."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chromium import running_chromium
from dashboards.committed import BOARDS, PROMETHEUS
from e2e.dashboards.stores_of_a_day import END, calls_of_a_day, metrics_of_a_day, traces_of_a_day
from e2e.drawing import WIDTH, Easel, Period, clickhouse_answers, easel, prometheus_answers, tempo_answers
from e2e.programs import ROOT
from e2e.testbed.commands import run
from playwright.sync_api import FloatRect

IMAGES: Final = ROOT / "docs" / "images"
HOURS: Final = {"now-6h": 6, "now-24h": 24}
LARGEST_BYTES: Final = 400_000
WIDEST: Final = 650
"""Values of a line that Grafana asks for: about one for each of its pixels."""
OF_CALLS: Final = 60
"""The same of a board of ClickHouse's, which says so itself."""
PROMISES: Final = "Promises"
"""A row of the overview that is a picture of its own as well."""
MARGIN: Final = 6
CURRENCY: Final = "USD"
BY: Final = "user"
LISTS: Final = "tempo/calls"
LISTED: Final = {"slower_than_s": "3", "dearer_than": "0.02", "currency": "USD"}
NOT_DRAWN: Final = ("traces", "logs")
METRICS: Final = [*(name for name in PROMETHEUS if "/" not in name), LISTS]
CALLS: Final = [name for name in BOARDS if name.startswith("clickhouse/")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    parser.add_argument("--mode", choices=("dark", "light"), default="dark")
    parser.add_argument("boards", nargs="*", default=[*METRICS, *CALLS], help="only these")
    told = parser.parse_args()
    with running_chromium() as browser, easel(browser) as paper:
        pictures = Pictures(paper, told.mode, told.folder)
        of_prometheus, of_clickhouse = ([name for name in told.boards if name in those] for those in (METRICS, CALLS))
        if of_prometheus:
            draw_metrics(pictures, of_prometheus)
        if of_clickhouse:
            draw_calls(pictures, of_clickhouse)


def draw_metrics(pictures: Pictures, boards: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="firsttoken-boards-") as name, metrics_of_a_day(Path(name)) as url:
        for board in boards:
            period = period_of(board, WIDEST)
            answers = prometheus_answers(url, BOARDS[board], period, currency=CURRENCY)
            if board == LISTS:
                pictures.take(board, answers | listed(), period, **LISTED)
            else:
                pictures.take(board, answers, period, currency=CURRENCY)


def listed() -> dict[int, list[Any]]:
    """What the lists of calls have."""
    with tempfile.TemporaryDirectory(prefix="firsttoken-boards-") as name, traces_of_a_day(Path(name)) as store:
        return tempo_answers(store, BOARDS[LISTS], **LISTED)


def draw_calls(pictures: Pictures, boards: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="firsttoken-boards-") as name, calls_of_a_day(Path(name)) as client:
        for board in boards:
            period = period_of(board, OF_CALLS)
            answers = clickhouse_answers(client, BOARDS[board], period, BY)
            pictures.take(board, answers, period, by=BY)


@dataclass(frozen=True)
class Pictures:
    """Where boards are drawn and kept."""

    paper: Easel
    mode: str
    folder: Path

    def take(self, name: str, answers: Mapping[int, list[Any]], period: Period, **chosen: str) -> None:
        """Ends the program where something went wrong, or a picture is too large for a page."""
        board = {**BOARDS[name], "panels": drawn_of(name)}
        self.paper.draw(board, answers, period, self.mode, chosen)
        self._keep(f"board-{name.replace('/', '-')}.png")
        if name == "overview":
            self._keep("board-promises.png", self._place_of(PROMISES))

    def _keep(self, file: str, place: FloatRect | None = None) -> None:
        path = self.folder.resolve() / file
        whole = self.paper.page.locator("#board").bounding_box()
        self.paper.page.screenshot(path=path, animations="disabled", clip=place or whole)
        reduce(path)
        size = path.stat().st_size
        if size > LARGEST_BYTES or self.paper.errors:
            sys.exit(f"{path} has {size} bytes, of {LARGEST_BYTES} at most; errors: {self.paper.errors}")
        print(f"{path}: {size} bytes")

    def _place_of(self, title: str) -> FloatRect:
        """Of a row of the overview."""
        [(_, *panels)] = [row for row in rows_of("overview") if row[0]["title"] == title]
        boxes = [self.paper.page.locator(f"[data-panel='{panel['id']}']").bounding_box() for panel in panels]
        tops = [box["y"] for box in boxes if box]
        bottoms = [box["y"] + box["height"] for box in boxes if box]
        return {"x": 0, "y": min(tops) - MARGIN, "width": WIDTH, "height": max(bottoms) - min(tops) + 2 * MARGIN}


def drawn_of(name: str) -> list[Mapping[str, Any]]:
    """All panels, but for the rows of those that are in none of Grafana's packages."""
    rows = rows_of(name)
    return [panel for row in rows if not any(each["type"] in NOT_DRAWN for each in row) for panel in row]


def rows_of(name: str) -> list[list[Mapping[str, Any]]]:
    """Each begins with what says its title."""
    rows: list[list[Mapping[str, Any]]] = []
    for panel in BOARDS[name]["panels"]:
        if panel["type"] == "row":
            rows.append([])
        rows[-1].append(panel)
    return rows


def period_of(name: str, values: int) -> Period:
    """What the board shows first, in so many values of a line, of whole minutes each."""
    hours = HOURS[BOARDS[name]["time"]["from"]]
    return Period(END - hours * 3600, END, max(60, -(-hours * 3600 // values // 60) * 60))


def reduce(path: Path) -> None:
    """To 256 colours, which takes a third of the bytes."""
    run(["pngquant", "--nofs", "--strip", "--speed", "1", "--force", "--output", path, "256", path], path.parent)


if __name__ == "__main__":
    main()
