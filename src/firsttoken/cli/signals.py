"""Signals as a queue: they are held back from the process and arrive one by one with where they came from.

Needed because a signal that a key press sends reaches the observed program without our help, and any other does not.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from firsttoken.errors import FirstTokenError


def _numbers(*names: str) -> frozenset[signal.Signals]:
    """Those that this system has."""
    return frozenset(signal.Signals[name] for name in names if name in signal.Signals.__members__)


ENDING: Final = _numbers("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
UNNOTICED: Final = _numbers("SIGCHLD", "SIGWINCH")
"""Those that some systems throw away, though held back, unless the process has a handler for them."""
HELD: Final = ENDING | UNNOTICED | _numbers("SIGUSR1", "SIGUSR2", "SIGTSTP")
KEY_PRESSES: Final = _numbers("SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH")
"""Those a terminal sends to its whole foreground process group. A hangup is not among them: a session leader may
get that one alone."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One signal. `from_terminal` means that the whole foreground process group has it."""

    number: int
    from_terminal: bool


class Signals:
    """The signals held back since `hold_signals`, oldest first."""

    def __init__(self, mask_before: set[signal.Signals | int]) -> None:
        self.mask_before = frozenset(mask_before)
        """The signal mask that a program started by us must get."""
        self._arrivals: SimpleQueue[Arrival | None] = SimpleQueue()

    def next(self, timeout_s: float | None = None) -> Arrival | None:
        """The next signal. None when the time is over or somebody called `wake`."""
        try:
            return self._arrivals.get(timeout=timeout_s)
        except Empty:
            return None

    def next_ending(self, timeout_s: float | None = None) -> Arrival | None:
        """The next signal that asks for an end, where no other program is there to get the rest. None as for `next`."""
        while (arrival := self.next(timeout_s)) is not None and arrival.number not in ENDING:
            if arrival.number == signal.SIGTSTP:
                stop_ourselves()
        return arrival

    def wake(self) -> None:
        """Ends one wait of `next`, from any thread."""
        self._arrivals.put(None)

    def listen(self) -> None:
        """Never returns: the body of the listening thread."""
        while True:
            self._arrivals.put(_await_signal())


@contextmanager
def hold_signals() -> Generator[Signals]:
    """Holds back the signals in HELD. Call it before any other thread exists: threads inherit the mask.

    Raises FirstTokenError on a system without POSIX signals.
    """
    if sys.platform == "win32":
        raise FirstTokenError("this command needs Linux or macOS: run it there, or in WSL")
    for number in UNNOTICED:
        signal.signal(number, _not_called)  # an ignored SIGCHLD, inherited, would also lose the program's exit status
    mask_before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    signals = Signals(mask_before)
    threading.Thread(target=signals.listen, name="firsttoken-signals", daemon=True).start()
    try:
        yield signals
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask_before)


def _not_called(number: int, frame: object) -> None:
    """A held signal calls no handler."""


if sys.platform != "darwin":

    def _await_signal() -> Arrival:
        arrived = signal.sigwaitinfo(HELD)
        sent_by_kernel = arrived.si_code > 0
        return Arrival(arrived.si_signo, from_terminal=sent_by_kernel and arrived.si_signo in KEY_PRESSES)

else:  # no sigwaitinfo there: a foreground process most likely got it from its terminal

    def _await_signal() -> Arrival:
        number = signal.sigwait(HELD)
        return Arrival(number, from_terminal=number in KEY_PRESSES and in_foreground())


def stop_ourselves() -> None:
    """Returns when somebody continues this process."""
    os.kill(os.getpid(), signal.SIGSTOP)


def has_terminal() -> bool:
    """Whether this process has a controlling terminal, whatever its standard streams are."""
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
        return True
    return False


def in_foreground() -> bool:
    """Whether key presses on the controlling terminal reach this process."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
