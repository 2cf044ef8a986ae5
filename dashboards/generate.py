"""Writes the boards as JSON for Grafana to import, beside their code.

Run with --check to fail when a committed file is stale.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard
from llm_calls import llm_calls

FOLDER: Final = Path(__file__).resolve().parent
BOARDS: Final[dict[str, Callable[[], Dashboard]]] = {"llm-calls.json": llm_calls}


def text_of(board: Dashboard) -> str:
    return json.dumps(board, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if a committed file is stale")
    options = parser.parse_args()
    stale: list[str] = []
    for name, board in BOARDS.items():
        path, text = FOLDER / name, text_of(board())
        if not options.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    if stale:
        print(f"dashboards/{stale[0]} is stale: run python dashboards/generate.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
