"""Writes the boards for Grafana, the rules for Prometheus and the links in Jaeger, beside their code.

Run with --check to fail when a committed file is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from boards import provisioning
from boards.clickhouse_cost import clickhouse_cost
from boards.clickhouse_latency import clickhouse_latency
from boards.cost import cost
from boards.errors import errors
from boards.explorer import explorer
from boards.explorer_jaeger import explorer_jaeger
from boards.fleet import fleet
from boards.latency import latency
from boards.overview import overview
from boards.streaming import streaming
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from jaeger_ui import Places
from jaeger_ui import text_of as jaeger_ui
from rules import files as rules

FOLDER: Final = Path(__file__).resolve().parent
BOARDS: Final[Mapping[str, Callable[[], Dashboard]]] = {
    "grafana/overview": overview,
    "grafana/latency": latency,
    "grafana/cost": cost,
    "grafana/errors": errors,
    "grafana/streaming": streaming,
    "grafana/fleet-health": fleet,
    "grafana-tempo/calls": explorer,
    "grafana-jaeger/calls": explorer_jaeger,
    "grafana-clickhouse/cost": clickhouse_cost,
    "grafana-clickhouse/latency": clickhouse_latency,
}
"""Whoever has another store imports its folder as well: Tempo's or Jaeger's, not both."""


def files() -> dict[str, str]:
    """Every file by its path in this folder."""
    boards = {f"{name}.json": text_of(board()) for name, board in BOARDS.items()}
    sources = {f"provisioning/{name}": text for name, text in provisioning.texts().items()}
    prometheus = {f"prometheus/{name}": rules.text_of(name) for name in rules.FILES}
    return boards | sources | prometheus | {"jaeger/ui.json": jaeger_ui(Places())}


def text_of(board: Dashboard) -> str:
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a committed file is stale")
    options = parser.parse_args()
    for name, text in files().items():
        path = FOLDER / name
        if not options.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"dashboards/{name} is stale: run python dashboards/generate.py", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
