"""The pictures of docs/collector/docker-compose.md and kubernetes.md, drawn by Grafana's own components: the overview
after some rounds of the demo, and the queues of two gateways while a back end is away.

All goes through the files that the containers would have. It takes some six minutes each.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any, Final

from chromium import running_chromium
from dashboards.committed import BOARDS
from patience import until

from e2e.drawing import Period, easel, prometheus_answers
from e2e.observed import CONTENT, Observed, observed
from e2e.programs import CONFIGURATIONS, ROOT, built, free_ports, prometheus
from e2e.queries import values
from e2e.shipped.cluster import cluster
from e2e.shipped.composition import loaded
from e2e.shipped.manifests import rendered
from e2e.shipped.wall import wall
from e2e.sink import AWAY, grpc_sink, http_sink
from e2e.stores import loki
from e2e.testbed.collector import COLLECTOR

IMAGES: Final = ROOT / "docs" / "images"
LARGEST_BYTES: Final = 200_000
HEIGHT: Final = 1310
"""Down to what there is over time."""
ROUNDS: Final = 12
CALLS_A_ROUND: Final = 42
ROW: Final = "On the way"
PART_S: Final = 80
"""Before a back end is away, while it is, and after that."""
SMALL_QUEUE: Final = "3000000"
ANSWER: Final = "word " * 1_000
CHOSEN: Final = {"currency": "USD"}


def main() -> None:
    pictures = {"compose-overview": of_composition, "kubernetes-queues": of_queues}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="only these")
    asked = parser.parse_args()
    for name in asked.pictures or pictures:
        with ExitStack() as undo:
            folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="firsttoken-pictures-")))
            pictures[name](folder, asked.folder / f"{name}.png", undo)


def of_composition(folder: Path, path: Path, undo: ExitStack) -> None:
    [port] = free_ports(1)
    undo.enter_context(loki(folder, port))
    up = undo.enter_context(wall(loaded(CONFIGURATIONS), built(COLLECTOR, "collector"), folder, port))
    began = int(time.time())
    up.calls(ROUNDS, pace=1)
    until(lambda: values(up.prometheus, "sum(firsttoken_client_calls_total)") == [ROUNDS * CALLS_A_ROUND])
    draw(BOARDS["overview"], up.prometheus, began // 60 * 60, path, undo, HEIGHT)


def of_queues(folder: Path, path: Path, undo: ExitStack) -> None:
    """A back end of traces refuses for a while what both gateways keep, which is all of it."""
    [port] = free_ports(1)
    written = f"http://127.0.0.1:{port}/api/v1/write"
    variables = {"QUEUE_BYTES": SMALL_QUEUE, "COSTLY_CALL": "0", "PROMETHEUS_REMOTE_WRITE_URL": written}
    up = undo.enter_context(cluster(rendered(), built(COLLECTOR, "collector"), folder, gateways=2, **variables))
    sinks = [undo.enter_context(grpc_sink(gate.traces)) for gate in up.gateways]
    for gate in up.gateways:
        undo.enter_context(http_sink(gate.logs))
    ports = [up.own_metrics_port, *(gate.own_metrics for gate in up.gateways)]
    url = undo.enter_context(prometheus(folder, port, scraped=ports, late="10m"))
    app = undo.enter_context(observed(f"127.0.0.1:{up.otlp_port}", "shop", settings=CONTENT))
    began = int(time.time())
    calls_for(app)
    with sinks[0].refusing(AWAY), sinks[1].refusing(AWAY):
        calls_for(app)
    calls_for(app)
    draw(row_of(BOARDS["fleet-health"], ROW), url, began, path, undo)


def calls_for(app: Observed) -> None:
    pause, end = Event(), time.monotonic() + PART_S
    while time.monotonic() < end:
        for _ in range(3):
            app.say("Tell me.", ANSWER)
        app.flush()
        pause.wait(1)


def row_of(board: Mapping[str, Any], title: str) -> dict[str, Any]:
    """A board that has nothing else."""
    titles = [panel["title"] for panel in board["panels"]]
    begin = titles.index(title)
    top = board["panels"][begin]["gridPos"]["y"]
    shown = [
        {**panel, "gridPos": {**place, "y": place["y"] - top}}
        for panel in board["panels"][begin:]
        for place in (panel["gridPos"],)
    ]
    return {**board, "panels": shown}


def draw(
    board: Mapping[str, Any], url: str, began: int, path: Path, undo: ExitStack, height: int | None = None
) -> None:
    """From its top down to that height."""
    period = Period(began, int(time.time()), 5 if height is None else 15)
    paper = undo.enter_context(easel(undo.enter_context(running_chromium())))
    paper.draw(board, prometheus_answers(url, board, period), period, "dark", CHOSEN)
    box = paper.page.locator("#board").bounding_box()
    assert box is not None
    clip = {**box, "height": height or box["height"]}
    taken = paper.page.screenshot(path=path, animations="disabled", clip=clip)
    if len(taken) > LARGEST_BYTES or paper.errors:
        sys.exit(f"{path} has {len(taken)} bytes, of {LARGEST_BYTES} at most; errors: {paper.errors}")
    print(f"{path}: {len(taken)} bytes")


if __name__ == "__main__":
    main()
