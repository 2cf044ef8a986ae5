"""What OpenTelemetry logged as a warning or worse, counted without a change to what the program logs where."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Finding, counted

LOGGER: Final = "opentelemetry"
"""And those below it. What we complain about ourselves has findings of its own."""
LONGEST: Final = 160
HELD: Final = 4096
"""So much of a message is held, so that nothing secret is cut into what nobody knows again."""

heard: Final[dict[str, tuple[str, int]]] = {}
"""The first message of each logger, and how often it complained in all."""


def listen() -> None:
    """From now on. The factory of records is the one place that sees them all and has no say in where they go."""
    make = logging.getLogRecordFactory()

    def make_and_note(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.levelno >= logging.WARNING and record.name.partition(".")[0] == LOGGER:
            _note(record)
        return record

    logging.setLogRecordFactory(make_and_note)


def complaint_findings(hide: Callable[[str], str]) -> Iterator[Finding]:
    """What is secret in a message is hidden before it is cut."""
    for logger, (message, times) in heard.items():
        shown = _shortened(hide(message))
        yield kinds.COMPLAINT.found(logger=logger, message=shown, times=counted(times, "time"))


def _note(record: logging.LogRecord) -> None:
    before = heard.get(record.name)
    message, times = (_message(record), 0) if before is None else before
    heard[record.name] = message, times + 1


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception:  # noqa: BLE001  arguments that do not fit, which the program's handlers report
        text = str(record.msg)
    if record.exc_info and record.exc_info[1] is not None:
        text = f"{text} ({record.exc_info[1]!r})"
    return text.strip().partition("\n")[0][:HELD]


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
