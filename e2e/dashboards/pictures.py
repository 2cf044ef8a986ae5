"""The pictures of boards in docs/images, by `make board-pictures`: a made up day through the real gateway into the real
Prometheus and ClickHouse engine, drawn by Grafana's own components."""

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
from e2e.dashboards.stores_of_a_day import END, calls_of_a_day, metrics_of_a_day
from e2e.drawing import Easel, Period, clickhouse_answers, easel, prometheus_answers
from e2e.programs import ROOT
from e2e.testbed.commands import run

IMAGES: Final = ROOT / "docs" / "images"
HOURS: Final = {"now-6h": 6, "now-24h": 24}
LARGEST_BYTES: Final = 400_000
WIDEST: Final = 650
"""Values of a line that Grafana asks for: about one for each of its pixels."""
OF_CALLS: Final = 60
"""The same of a board of ClickHouse's, which says so itself."""
CURRENCY: Final = "USD"
BY: Final = "user"
METRICS: Final = [name for name in PROMETHEUS if "/" not in name]
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
            pictures.take(board, answers, period, currency=CURRENCY)


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
        self.paper.draw(BOARDS[name], answers, period, self.mode, chosen)
        path = self.folder.resolve() / f"board-{name.replace('/', '-')}.png"
        self.paper.page.locator("#board").screenshot(path=path, animations="disabled")
        reduce(path)
        size = path.stat().st_size
        if size > LARGEST_BYTES or self.paper.errors:
            sys.exit(f"{path} has {size} bytes, of {LARGEST_BYTES} at most; errors: {self.paper.errors}")
        print(f"{path}: {size} bytes")


def period_of(name: str, values: int) -> Period:
    """What the board shows first, in so many values of a line, of whole minutes each."""
    hours = HOURS[BOARDS[name]["time"]["from"]]
    return Period(END - hours * 3600, END, max(60, -(-hours * 3600 // values // 60) * 60))


def reduce(path: Path) -> None:
    """To 256 colours, which takes a third of the bytes."""
    run(["pngquant", "--nofs", "--strip", "--speed", "1", "--force", "--output", path, "256", path], path.parent)


if __name__ == "__main__":
    main()
