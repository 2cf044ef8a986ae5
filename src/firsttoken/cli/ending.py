"""The end of a run: what its program did, and how long the page stays.

Imported when the program runs already, with all that answers need.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from firsttoken.analyse import Report
from firsttoken.analyse.answer_json import json_line
from firsttoken.cli.local_half import LocalHalf, run_address
from firsttoken.cli.lost import lost_lines
from firsttoken.cli.plain import plain
from firsttoken.cli.signals import Signals, in_foreground
from firsttoken.cli.silence import read_pythons, why_no_calls
from firsttoken.cli.summary import losses, summary
from firsttoken.errors import FirstTokenError

HOLDERS_ASKED_EVERY_S: Final = 0.3


@dataclass(frozen=True, slots=True)
class Ending:
    """How one run ends. Speaks on standard error only: standard output is the program's."""

    half: LocalHalf
    run_id: str
    as_json: bool
    may_stay: bool

    def sum_up(self, pythons: Path) -> None:
        """Raises FirstTokenError where nobody can be asked any more."""
        report = self.half.report(self.run_id)
        for loss in (*losses(self.half.health()), *lost_lines(pythons)):
            _say(f"firsttoken: {loss}")
        if not report.totals.calls:
            _say(f"firsttoken: no calls were seen: {why_no_calls(read_pythons(pythons), os.environ)}")
            _say("firsttoken: run firsttoken doctor -- COMMAND for a closer look")
        if self.as_json:
            print(json_line(TypeAdapter(Report), report), file=sys.stderr, flush=True)
        elif report.totals.calls:
            print(summary(report), file=sys.stderr, flush=True)

    def stay(self, signals: Signals) -> None:
        """Keeps the page open for a person, and the server for the runs that joined it."""
        page_url = self.half.page_url
        if page_url is None:
            return
        address = run_address(page_url, self.run_id)
        if not self.half.is_ours:
            if not self.as_json:
                _say(f"Page: {address}")
            return
        if self.may_stay and sys.stderr.isatty() and in_foreground():
            _say(f"Page: {address} - press Ctrl-C to close")
            signals.next_ending()
        self._await_others(signals.next_ending)

    def _await_others(self, next_ending: Callable[[float], object]) -> None:
        told = False
        while (others := self._others()) > 0:
            if not told:
                runs = "1 other run uses" if others == 1 else f"{others} other runs use"
                _say(f"firsttoken: {runs} this server, which stays until they end - press Ctrl-C to end it now")
                told = True
            if next_ending(HOLDERS_ASKED_EVERY_S) is not None:
                return

    def _others(self) -> int:
        try:
            return self.half.holders()
        except FirstTokenError:  # a server that does not answer is of no use to them either
            return 0


def _say(line: str) -> None:
    print(plain(line), file=sys.stderr, flush=True)
