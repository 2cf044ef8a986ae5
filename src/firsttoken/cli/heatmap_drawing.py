"""A heatmap in plain letters: a line for each step of time, a letter for each bound, darker where more calls are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from firsttoken.analyse.heatmap import HeatmapAnswer
from firsttoken.analyse.latency import UPPER_NS
from firsttoken.cli import wording
from firsttoken.cli.step_words import start_words, step_words

BELOW_S: Final = tuple(ns / 1e9 for ns in UPPER_NS)
SHADES: Final = ".:-=+*#%@"
"""From one call to the most that are in one place, in equal steps of the logarithm."""
DECADES: Final = ("1 ms", "10ms", "0.1s", "1 s", "10 s", "100s")
LETTERS_OF_A_DECADE: Final = 6
WORDS: Final = {
    "first_token": "time to first token",
    "total": "total time",
    "largest_gap": "largest gap",
}


def print_heatmap(answer: HeatmapAnswer) -> None:
    """Writes to standard output."""
    if not answer.rows:
        print("No calls.")
        return
    counts: dict[int, dict[int, int]] = {}
    for row in answer.rows:
        counts.setdefault(row.start_unix_ns, {})[_place(row.below_s)] = row.calls
    first, last = _shown({place for places in counts.values() for place in places})
    starts = {start: start_words(start, answer.step_s) for start in counts}
    width = max(map(len, starts.values()))
    print(f"{'from (UTC)':<{width}}  {_scale(first, last)}  calls")
    most = max(row.calls for row in answer.rows)
    for start, words in starts.items():
        print(f"{words:<{width}}  {_line(counts[start], first, last, most)}  {sum(counts[start].values()):,}")
    print(f"{WORDS[answer.figure]} of {wording.calls(answer.calls)}, steps of {step_words(answer.step_s)}")
    print(f"from 1 call {SHADES[0]} to {wording.calls(most)} {SHADES[-1]}" if most > 1 else f"1 call {SHADES[-1]}")


def _place(below_s: float | None) -> int:
    return len(BELOW_S) if below_s is None else BELOW_S.index(below_s)


def _shown(places: set[int]) -> tuple[int, int]:
    """Whole decades: the first place and the one after the last. All that is shorter than 1 ms is in place 0."""
    first, last = min(places), max(places)
    decade = (first - 1) // LETTERS_OF_A_DECADE
    end = -(-last // LETTERS_OF_A_DECADE)
    return max(0, decade * LETTERS_OF_A_DECADE + 1), max(1, end * LETTERS_OF_A_DECADE + 1)


def _scale(first: int, last: int) -> str:
    """Where the decades begin."""
    marks = [" "] * (last - first)
    for number, word in enumerate(DECADES):
        at = number * LETTERS_OF_A_DECADE + 1 - first
        if 0 <= at < len(marks):
            marks[at : at + len(word)] = word
    return "".join(marks)


def _line(counts: Mapping[int, int], first: int, last: int, most: int) -> str:
    return "".join(_shade(counts.get(place, 0), most) for place in range(first, last))


def _shade(calls: int, most: int) -> str:
    """By the logarithm: a few calls that took long are what is looked for."""
    if not calls:
        return " "
    share = 1.0 if most == 1 else math.log(calls) / math.log(most)
    return SHADES[round(share * (len(SHADES) - 1))]
