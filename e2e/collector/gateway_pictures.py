"""The pictures of docs/collector: some minutes of two services that send no metrics, through the real gateway.

`python -m e2e.collector.gateway_pictures` draws them by Grafana's own components. One service is observed by
firsttoken, and the other by OpenLLMetry. A third of the time the back end of traces is away.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from random import Random
from threading import Event
from typing import Any, Final

from a_call import Asked, Model, made_call
from a_day import ANSWERS, LARGE, MINI, QUESTIONS, SONNET, SYSTEM
from chromium import running_chromium
from dashboards.committed import BOARDS

from e2e.application import Application, application
from e2e.documented import DOCS, commands
from e2e.drawing import Period, easel, prometheus_answers
from e2e.gateway import gateway
from e2e.programs import ROOT, built, free_ports, prometheus
from e2e.sink import AWAY, grpc_sink, http_sink
from e2e.testbed.collector import COLLECTOR
from firsttoken.call import CallContext, Outcome
from firsttoken.call.content import Message, Text

IMAGES: Final = ROOT / "docs" / "images"
LARGEST_BYTES: Final = 300_000
NS: Final = 1_000_000_000
PAUSE_S: Final = 2
BEFORE_S: Final = 240
"""What the boards ask rates over, so that no line rises only because it begins."""
STEP_S: Final = 15
QUEUE_BYTES: Final = 16_000_000
PROMPT: Final = "x" * 50_000
DRAWN: Final = (
    ("gateway-queues", "fleet-health", range(16, 20)),
    ("span-metrics", "overview", (*range(1, 8), 18, 19, 20)),
)
"""The name of a picture, the board, and which of its panels are in it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=10, help="how many are drawn (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    parser.add_argument("--mode", choices=("dark", "light"), default="dark")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="firsttoken-gateway-")))
        url = fill(stack, folder, asked.minutes * 60)
        now = time.time()
        period = Period(now - asked.minutes * 60, now, STEP_S)
        paper = stack.enter_context(easel(stack.enter_context(running_chromium())))
        for name, board, panels in DRAWN:
            shown = only(BOARDS[board], panels)
            paper.draw(shown, prometheus_answers(url, shown, period), period, asked.mode)
            path = asked.folder / f"{name}.png"
            taken = paper.page.locator("#board").screenshot(path=path, animations="disabled")
            if len(taken) > LARGEST_BYTES or paper.errors:
                sys.exit(f"{path} has {len(taken)} bytes, of {LARGEST_BYTES} at most; errors: {paper.errors}")
            print(f"{path}: {len(taken)} bytes")


def only(board: Mapping[str, Any], panels: Sequence[int]) -> dict[str, Any]:
    """These panels of a board, moved together."""
    chosen = sorted((each for each in board["panels"] if each["id"] in panels), key=lambda each: each["gridPos"]["y"])
    moved, top = [], 0
    for _, line in groupby(chosen, key=lambda each: each["gridPos"]["y"]):
        side_by_side = list(line)
        moved += [each | {"gridPos": each["gridPos"] | {"y": top}} for each in side_by_side]
        top += max(each["gridPos"]["h"] for each in side_by_side)
    return {**board, "panels": moved}


def fill(stack: ExitStack, folder: Path, length_s: int) -> str:
    """Prometheus's URL. Everything runs until the stack ends."""
    [port] = free_ports(1)
    place = gateway(
        built(COLLECTOR, "collector"),
        folder,
        QUEUE_BYTES=str(QUEUE_BYTES),
        SPAN_METRICS_LISTEN=f"127.0.0.1:{port}",
        SPAN_METRICS_EVERY="5s",
    )
    [(first, *others)] = [each for each in commands(DOCS / "collector" / "normalise.md") if "span-metrics.yaml" in each]
    stack.enter_context(http_sink(place.logs))
    at_traces = stack.enter_context(grpc_sink(place.traces))
    url = stack.enter_context(prometheus(folder, place.prometheus, scraped=[place.own_metrics]))
    stack.enter_context(place.running(first, "trusted-network.yaml", *others))
    helpdesk, search = (
        stack.enter_context(application(f"127.0.0.1:{place.grpc}", name, metrics=False))
        for name in ("helpdesk", "search")
    )
    pause, chance, begun = Event(), Random(3), time.monotonic()  # noqa: S311
    with ExitStack() as away:
        while (share := (time.monotonic() - begun - BEFORE_S) / length_s) < 1:
            if share > 2 / 3:
                away.close()
            elif share > 1 / 3 and not at_traces.refused:
                away.enter_context(at_traces.refusing(AWAY))
            for _ in range(chance.randint(1, 4)):
                helpdesk.call(a_call(chance, chance.choice((SONNET, SONNET, LARGE))))
            for _ in range(chance.randint(1, 3)):
                a_span_of_openllmetry(search, chance)
            for app in (helpdesk, search):
                app.tracers.force_flush()
            pause.wait(PAUSE_S)
    return url


def a_call(chance: Random, model: Model) -> Any:
    asked = Asked(
        model=model,
        started_unix_ns=time.time_ns() - 20 * NS,
        said=CallContext(),
        system=SYSTEM,
        history=(Message("user", (Text(chance.choice(QUESTIONS)),)),),
        answer=chance.choice(ANSWERS),
        more_input_tokens=int(chance.lognormvariate(7.6, 0.6)),
        ending=chance.choices((Outcome.COMPLETED, Outcome.CLOSED, Outcome.FAILED), (94, 3, 3))[0],
    )
    return made_call(chance, asked)


def a_span_of_openllmetry(app: Application, chance: Random) -> None:
    """As it calls things."""
    said = {
        "gen_ai.system": "OpenAI",
        "llm.request.type": "chat",
        "gen_ai.request.model": MINI.name,
        "gen_ai.prompt.0.content": PROMPT,
        "gen_ai.usage.prompt_tokens": chance.randint(8000, 14000),
        "gen_ai.usage.completion_tokens": chance.randint(50, 900),
    }
    tracer = app.tracers.get_tracer("opentelemetry.instrumentation.openai.v1")
    ended_ns = time.time_ns()
    started_ns = ended_ns - int(chance.lognormvariate(0.8, 0.5) * NS)
    tracer.start_span("openai.chat", attributes=said, start_time=started_ns).end(ended_ns)


if __name__ == "__main__":
    main()
