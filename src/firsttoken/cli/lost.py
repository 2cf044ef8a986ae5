"""What the programs of a run lost on the way to their receivers, as each said when it ended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from firsttoken.losses import Loss, Lost, Reason

ITEMS: Final[dict[Lost, str]] = {
    "calls": "call",
    "spans": "span",
    "logs": "log event",
    "metrics": "metrics export",
}
REASONS: Final[dict[Reason, str]] = {
    "queue_full": "more waited than the queue holds",
    "too_large": "too large for any message",
    "export_failed": "the exporter gave up",
}


class _Line(BaseModel):
    lost: list[tuple[Lost, Reason, int]]


def lost_lines(file: Path) -> list[str]:
    """One line for each thing that was lost and why. What is not of that kind in the file is left out."""
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
    total: Counter[Loss] = Counter()
    for line in lines:
        try:
            told = _Line.model_validate_json(line)
        except ValidationError:
            continue
        for what, reason, number in told.lost:
            total[Loss(what, reason)] += number
    return [_told(loss, number) for loss, number in sorted(total.items())]


def _told(loss: Loss, number: int) -> str:
    things = f"1 {ITEMS[loss.what]} was" if number == 1 else f"{number:,} {ITEMS[loss.what]}s were"
    return f"{things} lost in the program: {REASONS[loss.reason]}"
