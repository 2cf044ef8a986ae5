"""One run from its first check to its last word."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import traceback
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from firsttoken.cli.child import SIGNALLED, Command, find_command, start
from firsttoken.cli.environment import Observation, observed_environment
from firsttoken.cli.joining import open_local_half
from firsttoken.cli.local_half import LocalHalf, run_address
from firsttoken.cli.options import Places
from firsttoken.cli.plain import plain
from firsttoken.cli.signals import Signals, hold_signals
from firsttoken.errors import FirstTokenError
from firsttoken.settings import Settings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants beside the run itself."""

    include_usage: bool
    httpx: bool
    content: bool
    as_json: bool
    may_stay: bool
    """Whether the page may stay open on a terminal."""


class ObservedRun:
    """One command and everything around it."""

    def __init__(self, words: Sequence[str], places: Places, wishes: Wishes) -> None:
        self._words = words
        self._places = places
        self._wishes = wishes
        self._id = secrets.token_hex(8)

    def run(self) -> int:
        """The command's exit code. Raises FirstTokenError only before the command has started."""
        Settings.from_environment()
        command = find_command(self._words)
        with (
            hold_signals() as signals,
            _list_of_pythons() as pythons,
            closing(open_local_half(self._places)) as half,
        ):
            if (early := signals.next_ending(0)) is not None:
                return SIGNALLED + early.number
            exit_code = self._run_child(command, half, signals, pythons)
            with _faults_told():
                self._end(half, signals, pythons)
                half.close()
        return exit_code

    def _run_child(self, command: Command, half: LocalHalf, signals: Signals, pythons: Path) -> int:
        observation = Observation(
            self._id,
            half.http_endpoint,
            pythons,
            include_usage=self._wishes.include_usage,
            httpx=self._wishes.httpx,
            content=self._wishes.content,
        )
        if half.page_url is not None and not self._wishes.as_json and sys.stderr.isatty():
            print(f"firsttoken: {run_address(half.page_url, self._id)}", file=sys.stderr, flush=True)
        child = start(command, observed_environment(os.environ, self._words, observation), signals)
        half.start()
        return child.wait()

    def _end(self, half: LocalHalf, signals: Signals, pythons: Path) -> None:
        from firsttoken.cli.ending import Ending

        ending = Ending(half, self._id, as_json=self._wishes.as_json, may_stay=self._wishes.may_stay)
        ending.sum_up(pythons)
        ending.stay(signals)


@contextmanager
def _faults_told() -> Generator[None]:
    """What goes wrong here is said, as far as anybody listens, and never becomes the program's exit code."""
    try:
        yield
    except FirstTokenError as error:
        with suppress(OSError):
            print(f"firsttoken: {plain(str(error))}", file=sys.stderr, flush=True)
    except Exception:  # noqa: BLE001  see above
        with suppress(OSError):
            traceback.print_exc()


@contextmanager
def _list_of_pythons() -> Generator[Path]:
    """An empty file for the Pythons below to add themselves to."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="firsttoken-run-")
    except OSError as error:
        raise FirstTokenError(
            f"no temporary file can be made: {error.strerror}; set TMPDIR to another folder"
        ) from error
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
