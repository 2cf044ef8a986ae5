"""The picture of docs/collector/docker-compose.md: the overview after some rounds of the demo, through the files that
its containers would have, drawn by Grafana's own components. It takes some six minutes."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from chromium import running_chromium
from dashboards.committed import BOARDS
from patience import until

from e2e.drawing import Period, easel, prometheus_answers
from e2e.programs import CONFIGURATIONS, ROOT, built, free_ports
from e2e.queries import values
from e2e.shipped.composition import loaded
from e2e.shipped.wall import wall
from e2e.stores import loki
from e2e.testbed.collector import COLLECTOR

IMAGES: Final = ROOT / "docs" / "images"
LARGEST_BYTES: Final = 200_000
HEIGHT: Final = 1310
"""Down to what there is over time."""
ROUNDS: Final = 12
CALLS_A_ROUND: Final = 42
CHOSEN: Final = {"currency": "USD"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the picture")
    asked = parser.parse_args()
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="firsttoken-pictures-")))
        [port] = free_ports(1)
        undo.enter_context(loki(folder, port))
        up = undo.enter_context(wall(loaded(CONFIGURATIONS), built(COLLECTOR, "collector"), folder, port))
        began = int(time.time())
        up.calls(ROUNDS, pace=1)
        until(lambda: values(up.prometheus, "sum(firsttoken_client_calls_total)") == [ROUNDS * CALLS_A_ROUND])
        period = Period(began // 60 * 60, int(time.time()), 15)
        board = BOARDS["overview"]
        paper = undo.enter_context(easel(undo.enter_context(running_chromium())))
        paper.draw(board, prometheus_answers(up.prometheus, board, period), period, "dark", CHOSEN)
        path = asked.folder / "compose-overview.png"
        box = paper.page.locator("#board").bounding_box()
        assert box is not None
        taken = paper.page.screenshot(path=path, animations="disabled", clip={**box, "height": HEIGHT})
        if len(taken) > LARGEST_BYTES or paper.errors:
            sys.exit(f"{path} has {len(taken)} bytes, of {LARGEST_BYTES} at most; errors: {paper.errors}")
        print(f"{path}: {len(taken)} bytes")


if __name__ == "__main__":
    main()
