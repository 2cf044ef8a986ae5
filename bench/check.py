"""`python -m bench.check [--accept]`: counts again, and fails where observing has become dearer than was accepted."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from bench import instructions
from bench.baseline import FILE, Baseline, differing, regressions

ACCEPT: Final = "make bench-check ARGS=--accept"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.check", description=__doc__)
    parser.add_argument("--accept", action="store_true", help=f"write {FILE.name} anew with what is counted now")
    options = parser.parse_args()
    print("counting instructions under callgrind; minutes, on a machine that is busy …", file=sys.stderr, flush=True)
    now = Baseline.of(instructions.added_tables(instructions.cells("replayed", instructions.REPLAYS)))
    if options.accept:
        now.save()
        print(f"{len(now.figures)} figures are the baseline now: commit bench/{FILE.name}")
        return
    accepted = Baseline.load()
    others = differing(accepted, now)
    if others:
        print(f"Only the aims are held: the baseline was counted with other versions of {', '.join(others)}.")
    if lines := regressions(accepted, now):
        told = "\n  ".join(["Observing costs more than was accepted:", *lines])
        sys.exit(f"{told}\nIf that is meant, run `{ACCEPT}` and commit bench/{FILE.name}.")
    print(
        "No aim is missed that was met." if others else f"All {len(accepted.figures)} figures are as accepted or less."
    )


if __name__ == "__main__":
    main()
