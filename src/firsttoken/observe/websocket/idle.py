"""How long nobody has been at a socket: its messages then wait for the program, and not the other way round."""

from __future__ import annotations


class Idle:
    """Takes marks of one clock. Any number may be at the socket at once."""

    __slots__ = ("_present", "_since", "_total")

    def __init__(self, now: int) -> None:
        self._present = 0
        self._since = now
        self._total = 0

    def comes(self, now: int) -> None:
        """Somebody begins to wait for a message, or to send one."""
        if not self._present:
            self._total += now - self._since
        self._present += 1

    def leaves(self, now: int) -> None:
        self._present -= 1
        self._since = now

    def until(self, now: int) -> int:
        return self._total if self._present else self._total + now - self._since
