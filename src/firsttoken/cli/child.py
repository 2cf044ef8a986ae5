"""The observed program: started in our own process group with our own streams, and its ending made ours."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firsttoken.cli.signals import Signals, has_terminal, stop_ourselves
from firsttoken.errors import FirstTokenError

NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126
SIGNALLED: Final = 128
"""Added to the number of a signal, as shells do."""
JOB_CONTROL_STOPS: Final = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
IGNORED_BY_PYTHON: Final = tuple(
    getattr(signal, name) for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ") if hasattr(signal, name)
)
"""The interpreter ignores these for itself; another program expects them to work."""


class CommandError(FirstTokenError):
    """The command cannot be started. `exit_code` is what a shell would give."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class Command:
    """A program that exists, and its arguments."""

    path: str
    words: tuple[str, ...]
    """As typed: the first is what the program sees as its own name."""


def find_command(words: Sequence[str], search_path: str | None = None) -> Command:
    """Raises CommandError when nothing of that name can be run."""
    name = words[0]
    path = shutil.which(name, path=search_path)
    if path is not None:
        return Command(path, tuple(words))
    there = Path(name)
    if os.sep in name and there.exists():
        reason = "is a directory" if there.is_dir() else "may not be executed: try chmod +x, or name its interpreter"
        raise CommandError(f"{name} {reason}", NOT_EXECUTABLE)
    advice = "check the path" if os.sep in name else "check the spelling, or give its path"
    raise CommandError(f"no command {name!r} was found: {advice}", NOT_FOUND)


class Child:
    """A running program. `wait` must be called from the main thread."""

    def __init__(self, pid: int, signals: Signals) -> None:
        self.pid = pid
        self._signals = signals

    def wait(self) -> int:
        """Passes signals on until the program ends. Its exit code, or 128 + n where signal n ended it."""
        while True:
            arrival = self._signals.next()
            if arrival is None:
                continue
            if arrival.number != signal.SIGCHLD:
                if not arrival.from_terminal:
                    self._send(arrival.number)
                continue
            if (exit_code := self._changed()) is not None:
                return exit_code

    def _changed(self) -> int | None:
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return None
        if os.WIFSTOPPED(status):
            if os.WSTOPSIG(status) in JOB_CONTROL_STOPS and has_terminal():
                self._stop_together()
            return None
        if os.WIFSIGNALED(status):
            return SIGNALLED + os.WTERMSIG(status)
        return os.waitstatus_to_exitcode(status)

    def _stop_together(self) -> None:
        """The shell waits for us: it takes its terminal back once we have stopped, and continues us later."""
        stop_ourselves()
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # gone, or running as somebody else (sudo)
            os.kill(self.pid, number)


def start(command: Command, environment: Mapping[str, str], signals: Signals) -> Child:
    """The program with our streams and every other descriptor that we were given. Raises CommandError.

    posix_spawn rather than subprocess: the latter closes what a shell or make passed down
    (`<(...)`, a job server), and its hooks are unsafe beside threads.
    """
    try:
        pid = _spawn(command.path, command.words, environment, signals)
    except OSError as error:
        if error.errno != errno.ENOEXEC or not _is_text(command.path):
            raise CommandError(f"{command.path} cannot be run: {error.strerror}", NOT_EXECUTABLE) from error
        # A script without a #! line: run by the shell, as every shell does.
        pid = _spawn("/bin/sh", ("sh", command.path, *command.words[1:]), environment, signals)
    return Child(pid, signals)


def _spawn(path: str, words: tuple[str, ...], environment: Mapping[str, str], signals: Signals) -> int:
    return os.posix_spawn(path, words, environment, setsigmask=signals.mask_before, setsigdef=IGNORED_BY_PYTHON)


def _is_text(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and b"\0" not in file.read(256)
    except OSError:
        return False
