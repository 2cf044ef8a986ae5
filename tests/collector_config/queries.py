"""What a board asks of Prometheus, and what Prometheus answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

BOARD = Path(__file__).resolve().parents[2] / "dashboards" / "llm-calls.json"
DEADLINE_S = 20


def board_queries() -> list[tuple[str, str]]:
    """Every panel's title and expression, with its variables still in it."""
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    return [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", [])]


def filled_in(expression: str, service: str) -> str:
    """As Grafana asks it, for one service and the last five minutes."""
    variables = {"$__rate_interval": "5m", "$__range": "5m", "$job": service, "$provider": ".*", "$model": ".*"}
    for variable, value in variables.items():
        expression = expression.replace(variable, value)
    return expression


def asked(base_url: str, path: str, **parameters: str):
    with urlopen(f"{base_url}/api/v1/{path}?{urlencode(parameters)}", timeout=10) as response:
        return json.load(response)["data"]


def values(base_url: str, expression: str) -> list[float]:
    return [float(line["value"][1]) for line in asked(base_url, "query", query=expression)["result"]]


def wait_until(holds: Callable[[], bool]) -> None:
    """Asks again and again, since a server at the other end of a socket cannot call us."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
