"""How the chunks of a stream came: worked out from the marks taken for them, off the caller's path."""

from __future__ import annotations

from operator import add, sub


class Pace:
    """Takes marks in pairs: when a chunk was asked for, and when it arrived. Its size does not grow with the stream."""

    __slots__ = ("chunks", "consumer_wait", "first", "handed", "largest_gap", "last", "longest", "steps")

    def __init__(self) -> None:
        self.chunks = 0
        self.first = self.last = 0
        """When the first chunk and the last one arrived; 0 is "not yet"."""
        self.handed = 0
        """When the caller last got control back: with the stream itself, then with each chunk."""
        self.consumer_wait = 0
        """How long the caller kept the provider's chunks waiting, up to the last of them."""
        self.largest_gap = 0
        """The longest wait for a chunk after the first."""
        self.longest = 0
        """The longest wait of the marks last taken, for the first chunk too."""
        self.steps: list[int] = []
        """Of the marks last taken, from each to the next: how long the caller had not asked for a chunk, and how long
        he then waited for it. The first is counted from when he got control back."""

    def take(self, marks: list[int]) -> list[int]:
        """Returns the time from each chunk's arrival to the next one's, beginning with the last chunk taken before."""
        count = len(marks) // 2
        self.steps = steps = list(map(sub, marks[: 2 * count], [self.handed, *marks]))
        if not steps:
            return []
        own, waits = steps[::2], steps[1::2]
        gaps = list(map(add, own, waits))
        self.consumer_wait += sum(own)
        longest = self.longest = max(waits)
        if not self.chunks:
            self.first = marks[1]
            del waits[0], gaps[0]
            longest = max(waits, default=0)
        self.largest_gap = max(self.largest_gap, longest)
        self.chunks += count
        self.last = self.handed = marks[2 * count - 1]
        return gaps
