"""A program on a terminal of its own, as a person would use it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

DEADLINE_S = 30.0
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[=>])|\r")


class Terminal:
    """Runs one program in a session of its own, whose controlling terminal it is."""

    def __init__(self, command: Sequence[str | os.PathLike[str]], environ: Mapping[str, str]) -> None:
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            words = [os.fspath(word) for word in command]
            os.execve(words[0], words, {**environ, "TERM": "xterm"})  # noqa: S606  no shell is the point
        self._shown = b""
        self._seen = 0
        self._code: int | None = None

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def expect(self, text: str) -> str:
        """Everything shown since the last expectation, up to and with this text."""
        deadline = time.monotonic() + DEADLINE_S
        while (found := self.text.find(text, self._seen)) < 0:
            assert time.monotonic() < deadline, f"{text!r} did not come after: {self.text[self._seen :]!r}"
            assert self._read(deadline) or text in self.text[self._seen :], f"{text!r} did not come: {self.text!r}"
        start, self._seen = self._seen, found + len(text)
        return self.text[start : self._seen]

    def expect_foreground(self, *, lines: bool = True) -> None:
        """Returns when another program than the first has the terminal, and reads lines where that is asked for.

        What is typed sooner is not a line for a program that the shell has just brought back.
        """
        deadline = time.monotonic() + DEADLINE_S
        while os.tcgetpgrp(self._descriptor) == self.pid or (lines and not self._reads_lines()):
            assert time.monotonic() < deadline, f"no program came to the foreground: {self.text!r}"
            time.sleep(0.005)

    def _reads_lines(self) -> bool:
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ICANON)

    @property
    def text(self) -> str:
        """Everything shown so far, without colours and the like."""
        return ESCAPES.sub(b"", self._shown).decode(errors="replace")

    def wait(self) -> int:
        """The exit code of the program, once it has ended."""
        deadline = time.monotonic() + DEADLINE_S
        while self._read(deadline):
            assert time.monotonic() < deadline, f"the program did not end: {self.text!r}"
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def _read(self, deadline: float) -> bool:
        """False at the end."""
        if not select.select([self._descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return True
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:  # Linux says so when the last program has let go of a terminal
            return False
        self._shown += piece
        return bool(piece)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._code is None:
            os.killpg(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._descriptor)
