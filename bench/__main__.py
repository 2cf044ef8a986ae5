"""`python -m bench [--json] [--write FILE] [NAME ...]`: measures, and prints a table for each figure."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench import (
    adapter,
    imports,
    instructions,
    long_call,
    memory,
    page,
    page_row,
    per_call,
    per_chunk,
    run_start,
    store,
    throughput,
)
from bench.figures import Table
from bench.report import report

MEASUREMENTS: Final[dict[str, Callable[[], list[Table]]]] = {
    "instructions": instructions.measure,
    "per_chunk": per_chunk.measure,
    "adapter": adapter.measure,
    "per_call": per_call.measure,
    "imports": imports.measure,
    "run_start": run_start.measure,
    "page_row": page_row.measure,
    "page": page.measure,
    "long_call": long_call.measure,
    "store": store.measure,
    "memory": memory.measure,
    "throughput": throughput.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of {', '.join(MEASUREMENTS)}")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the tables there as Markdown, too")
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
    if options.write:
        options.write.write_text(report(tables))
    if options.json:
        print(json.dumps([table.as_json() for table in tables], indent=2))


if __name__ == "__main__":
    main()
