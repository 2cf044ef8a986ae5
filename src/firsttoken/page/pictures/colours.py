"""The colours of pictures: those of the page where it is light, by the names that its style sheet gives them."""

from __future__ import annotations

from typing import Final

from firsttoken.page.pictures.picture import Tone

GROUND: Final = "#f6f7f9"
PANEL: Final = "#ffffff"
LINE: Final = "#e2e5ea"
LINE_SOFT: Final = "#eef0f3"
TEXT: Final = "#16191f"
QUIET: Final = "#5d6675"
GOOD: Final = "#1a7a46"
WARN: Final = "#93600a"
BAD: Final = "#b8232f"
WAITING: Final = "#e3ab48"
FIRST: Final = "#c4701f"
GENERATING: Final = "#2f7dd1"
WHOLE: Final = "#9aa5b5"
STALLED: Final = "#c32f3c"
END: Final = "#c3cad5"
SERIES: Final = ("#2f7dd1", "#c38324", "#325834", "#723481", "#b45073", "#3748bf", "#7f7026", "#1da2a7")
TONES: Final = ("#2f7dd1", "#5b2a86", "#bf8518", "#b3261e")
HEAT: Final = ("#d9e8f7", "#9cc4ea", "#4f97d8", "#2363a8", "#10355f")
PHASES: Final = {
    "headers": "#f2d7a2",
    "first-chunk": "#ebc070",
    "first-token": WAITING,
    "generating": GENERATING,
    "end": END,
}
SPANS: Final = {
    "call": GENERATING,
    "record": END,
    "agent": SERIES[3],
    "workflow": SERIES[5],
    "step": SERIES[6],
    "tool": SERIES[2],
    "http": SERIES[7],
    "other": QUIET,
}
OF_TONE: Final[dict[Tone, str]] = {
    "plain": TEXT,
    "strong": TEXT,
    "quiet": QUIET,
    "good": GOOD,
    "warn": WARN,
    "bad": BAD,
}
