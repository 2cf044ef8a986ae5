"""How the chunks of a stream came: worked out from the marks taken for them, off the caller's path."""

from __future__ import annotations

from operator import sub


class Pace:
    """Takes marks in pairs: when a chunk was asked for, and when it arrived. Its size does not grow with the stream."""

    __slots__ = ("chunks", "consumer_wait", "first", "handed", "largest_gap", "last", "longest")

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

    def take(self, marks: list[int]) -> list[int]:
        """Returns the time from each chunk's arrival to the next one's, beginning with the last chunk taken before."""
        arrived = marks[1::2]
        if not arrived:
            return []
        asked = marks[: 2 * len(arrived) : 2]
        handed = [self.handed, *arrived[:-1]]
        waits, gaps = list(map(sub, arrived, asked)), list(map(sub, arrived, handed))
        # All the time that passed but what the caller waited: its own marks are too large to be summed fast.
        self.consumer_wait += arrived[-1] - self.handed - sum(waits)
        longest = self.longest = max(waits)
        if not self.chunks:
            self.first = arrived[0]
            del waits[0], gaps[0]
            longest = max(waits, default=0)
        self.largest_gap = max(self.largest_gap, longest)
        self.chunks += len(arrived)
        self.last = self.handed = arrived[-1]
        return gaps
