"""One run from its first check to its summary."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from firsttoken.analyse import Report
from firsttoken.cli.answer_json import json_line
from firsttoken.cli.child import SIGNALLED, Command, find_command, start
from firsttoken.cli.environment import Observation, observed_environment
from firsttoken.cli.joining import open_local_half
from firsttoken.cli.local_half import LocalHalf
from firsttoken.cli.options import Places
from firsttoken.cli.plain import plain
from firsttoken.cli.signals import Signals, hold_signals, in_foreground
from firsttoken.cli.silence import read_pythons, why_no_calls
from firsttoken.cli.summary import losses, run_address, summary
from firsttoken.errors import FirstTokenError
from firsttoken.settings import Settings

HOLDERS_ASKED_EVERY_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user wants beside the run itself."""

    include_usage: bool = False
    httpx: bool = False
    json: bool = False
    stays: bool = True
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
            closing(open_local_half(self._places)) as half,
            _list_of_pythons() as pythons,
        ):
            if (early := signals.next_ending(0)) is not None:
                return SIGNALLED + early.number
            exit_code = self._run_child(command, half, signals, pythons)
            with suppress(OSError):  # nobody reads our standard error any more
                self._sum_up(half, pythons)
                self._stay(half, signals)
            return exit_code

    def _run_child(self, command: Command, half: LocalHalf, signals: Signals, pythons: Path) -> int:
        observation = Observation(
            self._id, half.http_endpoint, pythons, include_usage=self._wishes.include_usage, httpx=self._wishes.httpx
        )
        child = start(command, observed_environment(os.environ, self._words, observation), signals)
        half.start()
        return child.wait()

    def _sum_up(self, half: LocalHalf, pythons: Path) -> None:
        try:
            report = half.report(self._id)
            for loss in losses(half.health()):
                _say(f"firsttoken: {loss}")
        except FirstTokenError as error:
            _say(f"firsttoken: {error}")
            return
        if not report.totals.calls:
            _say(f"firsttoken: no calls were seen: {why_no_calls(read_pythons(pythons))}")
        elif not self._wishes.json:
            print(summary(report), file=sys.stderr, flush=True)
        if self._wishes.json:
            print(json_line(TypeAdapter(Report), report), file=sys.stderr, flush=True)

    def _stay(self, half: LocalHalf, signals: Signals) -> None:
        """Keeps the page open for a person, and the server for the runs that joined it."""
        if half.page_url is None or (self._wishes.json and not half.is_ours):
            return
        address = run_address(half.page_url, self._id)
        if half.is_ours and self._wishes.stays and sys.stderr.isatty() and in_foreground():
            _say(f"Page: {address} - press Ctrl-C to close")
            signals.next_ending()
        elif not half.is_ours:
            _say(f"Page: {address}")
        if half.is_ours:
            _await_others(half, signals)


def _await_others(half: LocalHalf, signals: Signals) -> None:
    told = False
    while (others := half.holders()) > 0:
        if not told:
            runs = "1 other run uses" if others == 1 else f"{others} other runs use"
            _say(f"firsttoken: {runs} this server, which ends when they have ended - press Ctrl-C to end it now")
            told = True
        if signals.next_ending(HOLDERS_ASKED_EVERY_S) is not None:
            return


def _say(line: str) -> None:
    print(plain(line), file=sys.stderr, flush=True)


@contextmanager
def _list_of_pythons() -> Generator[Path]:
    """An empty file for the Pythons below to add themselves to."""
    descriptor, name = tempfile.mkstemp(prefix="firsttoken-run-")
    os.close(descriptor)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
