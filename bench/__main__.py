"""`python -m bench [--json] [NAME ...]`: measures, and prints a table for each figure; without names, all of them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Final

from bench import imports, instructions, memory, page_row, per_call, per_chunk, run_start
from bench.figures import Table

MEASUREMENTS: Final[dict[str, Callable[[], list[Table]]]] = {
    "per_chunk": per_chunk.measure,
    "per_call": per_call.measure,
    "imports": imports.measure,
    "run_start": run_start.measure,
    "page_row": page_row.measure,
    "memory": memory.measure,
    "instructions": instructions.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if unknown := set(options.names) - MEASUREMENTS.keys():
        parser.error(f"nothing is called {', '.join(sorted(unknown))}: choose from {', '.join(MEASUREMENTS)}")
    tables: list[Table] = []
    for name in options.names or MEASUREMENTS:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        for table in MEASUREMENTS[name]():
            tables.append(table)
            if not options.json:
                print(table.as_text(), end="\n\n", flush=True)
    if options.json:
        print(json.dumps([table.as_json() for table in tables], indent=2))


if __name__ == "__main__":
    main()
