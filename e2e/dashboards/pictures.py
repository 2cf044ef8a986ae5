"""The pictures of boards in docs/images, by `make board-pictures`: a made up day through the real gateway
and Prometheus, drawn by Grafana's own components."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from chromium import running_chromium
from dashboards.committed import BOARDS, PROMETHEUS
from dashboards.promtool import FOLDER as RULES
from e2e.dashboards import a_day
from e2e.drawing import Easel, Period, easel, prometheus_answers
from e2e.gateway import gateway
from e2e.programs import ROOT, built, prometheus
from e2e.queries import values
from e2e.sink import grpc_sink, http_sink
from e2e.testbed.collector import COLLECTOR
from e2e.testbed.commands import run
from e2e.testbed.debian import DEBIAN
from patience import until

IMAGES: Final = ROOT / "docs" / "images"
HOURS: Final = {"now-6h": 6, "now-24h": 24}
LATE: Final = "200h"
RECORDED: Final = [RULES / "recording.yaml", RULES / "budgets.example.yaml"]
LARGEST_BYTES: Final = 400_000
WIDEST: Final = 650
"""Values of a line that Grafana asks for: about one for each of its pixels."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    parser.add_argument("--mode", choices=("dark", "light"), default="dark")
    parser.add_argument("boards", nargs="*", help="only these")
    asked = parser.parse_args()
    end = int(time.time()) // 60 * 60
    with tempfile.TemporaryDirectory(prefix="firsttoken-boards-") as name:
        folder = Path(name)
        fill(folder, end)
        place = gateway(built(COLLECTOR, "collector"), folder)
        with (
            prometheus(folder, place.prometheus, late=LATE) as url,
            running_chromium() as browser,
            easel(browser) as paper,
        ):
            for board in asked.boards or PROMETHEUS:
                draw(paper, url, board, end, asked.mode, asked.folder)


def fill(folder: Path, end: int) -> None:
    """Prometheus's data, with what the rules would have worked out by then."""
    place = gateway(built(COLLECTOR, "collector"), folder)
    with (
        http_sink(place.logs),
        grpc_sink(place.traces),
        prometheus(folder, place.prometheus, late=LATE) as url,
    ):
        with place.running():
            a_day.tell(f"127.0.0.1:{place.grpc}", end - a_day.WEEK_S, 8, 300, seed=4)
            a_day.tell(f"127.0.0.1:{place.grpc}", end, 25)
            until(lambda: bool(values(url, f"timestamp(target_info{{job='drafts'}} @ {end}) == {end}")), 120)
        for _ in range(2):  # Rules that ask for what others have recorded find it the second time.
            work_out(url, folder, end)


def work_out(url: str, folder: Path, end: int) -> None:
    blocks = folder / "blocks"
    promtool = built(DEBIAN, "usr/bin/promtool")
    span = ["--start", str(end - 24 * 3600), "--end", str(end), "--eval-interval", "5m"]
    command = [promtool, "tsdb", "create-blocks-from", "rules", "--url", url, "--output-dir", blocks, *span]
    run([*command, *RECORDED], folder)
    for block in blocks.iterdir():
        shutil.move(block, folder / "data" / block.name)


def draw(paper: Easel, url: str, name: str, end: int, mode: str, folder: Path) -> None:
    board = BOARDS[name]
    hours = HOURS[board["time"]["from"]]
    step = max(60, -(-hours * 3600 // WIDEST // 60) * 60)
    period = Period(end - hours * 3600, end, step)
    paper.draw(board, prometheus_answers(url, board, period), period, mode)
    path = folder / f"grafana-{name.replace('/', '-')}.png"
    taken = paper.page.locator("#board").screenshot(path=path, animations="disabled")
    if len(taken) > LARGEST_BYTES or paper.errors:
        sys.exit(f"{path} has {len(taken)} bytes, of {LARGEST_BYTES} at most; errors: {paper.errors}")
    print(f"{path}: {len(taken)} bytes")


if __name__ == "__main__":
    main()
