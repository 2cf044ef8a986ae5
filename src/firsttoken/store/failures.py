"""What DuckDB's errors mean for a user, in one line each."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import duckdb

from firsttoken.errors import StoreError, StoreInUseError


class _Meaning(NamedTuple):
    sign: re.Pattern[str]
    line: str


def _meaning(sign: str, line: str) -> _Meaning:
    return _Meaning(re.compile(sign, re.IGNORECASE), line)


DISK_FULL: Final = r"no space left|file too large|disk quota|not enough (disk )?space"

IN_USE: Final = (
    _meaning(
        r"conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)",
        "the store {name} is in use by process {pid} ({program}): stop it, or name another file",
    ),
    _meaning(r"could not set lock", "the store {name} is in use by another process: stop it, or name another file"),
)
OPENING: Final = (
    *IN_USE,
    _meaning(
        r"different configuration|already attached|unique file handle",
        "the store {name} is already open in this process: open it once",
    ),
    _meaning(DISK_FULL, "the disk is full, so the store {name} cannot be opened: free some space"),
    _meaning(
        r"permission denied|read-only file system|operation not permitted",
        "the store {name} cannot be written: change its permissions, or name another file",
    ),
    _meaning(r"not a valid duckdb", "{name} is not a firsttoken store and was left as it is: name another file"),
    _meaning(
        r"version number|newer version",
        "the store {name} was written by another version of DuckDB: upgrade firsttoken, or name another file",
    ),
    _meaning(r"cannot open file", "the store {name} cannot be opened ({reason}): name another file"),
)
OPENING_ELSE: Final = "the store {name} is damaged ({reason}): move it aside to start anew, or restore a copy"

WRITING: Final = (
    _meaning(DISK_FULL, "the disk is full, so nothing can be written to the store {name}: free some space"),
)
WRITING_ELSE: Final = "cannot write to the store {name}: {reason}"
READING_ELSE: Final = "cannot read the store {name}: {reason}"


def is_disk_full(error: duckdb.Error) -> bool:
    return re.search(DISK_FULL, str(error), re.IGNORECASE) is not None


def is_fatal(error: duckdb.Error) -> bool:
    """Whether DuckDB refuses all further work on the file, as after a checkpoint that it could not write."""
    return isinstance(error, duckdb.FatalException) or "has been invalidated" in str(error)


def failed_opening(name: str, error: duckdb.Error) -> StoreError:
    """Why a store cannot be opened, and what to do."""
    kind = StoreInUseError if any(meaning.sign.search(str(error)) for meaning in IN_USE) else StoreError
    return kind(_explain(name, error, OPENING, OPENING_ELSE))


def explain_writing(name: str, error: duckdb.Error) -> str:
    """Why rows cannot be written, and what to do."""
    return _explain(name, error, WRITING, WRITING_ELSE)


def explain_reading(name: str, error: Exception) -> str:
    """Why a question cannot be answered."""
    return _explain(name, error, (), READING_ELSE)


def _explain(name: str, error: Exception, meanings: tuple[_Meaning, ...], otherwise: str) -> str:
    text = str(error)
    for meaning in meanings:
        if (found := meaning.sign.search(text)) is not None:
            return meaning.line.format(name=name, reason=_first_line(text), **found.groupdict())
    return otherwise.format(name=name, reason=_first_line(text))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip(".")[:200]
