"""Steps of time in words. All of it is UTC."""

from __future__ import annotations

from datetime import UTC
from typing import Final

from firsttoken.analyse.moment import UNITS_S
from firsttoken.cli import wording
from firsttoken.page import figures

DAY_S: Final = UNITS_S["d"]
WORDS: Final = (("d", "day"), ("h", "hour"), ("m", "minute"), ("s", "second"))


def step_words(step_s: int) -> str:
    """For example `5 minutes`."""
    for unit, word in WORDS:
        count, rest = divmod(step_s, UNITS_S[unit])
        if count and not rest:
            return figures.counted(count, word)
    return figures.counted(step_s, "second")


def start_words(unix_ns: int, step_s: int) -> str:
    """As short as the step allows."""
    day = figures.day(unix_ns, UTC).translate(wording.ASCII)
    if step_s % DAY_S == 0:
        return day
    clock = figures.clock(unix_ns, UTC).translate(wording.ASCII)
    return f"{day} {clock[:8] if step_s % 60 else clock[:5]}"
