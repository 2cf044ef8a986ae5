"""How sure a model was of what it wrote, for a request that asked for log-probabilities: how many, and their mean.

Chat Completions and Responses give them, streamed and whole; Messages has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from firsttoken.providers.fields import get, items

UNLISTED: Final = -9999.0
"""OpenAI's word for a token that is not among the twenty most likely: it says so, and no number."""


@dataclass(frozen=True, slots=True)
class LogProbabilitySummary:
    """Of the tokens of an answer, of all its choices together."""

    count: int
    """How many tokens have a log-probability."""
    mean: float | None
    """Of those; the natural logarithm. None where there are none."""
    unlisted: int
    """How many tokens were too unlikely to be given one. They are in neither of the above."""


class LogProbabilities:
    """Add each chunk of a stream, or a whole answer. Its size does not grow with the stream."""

    __slots__ = ("_count", "_last", "_total", "_unlisted")

    def __init__(self) -> None:
        self._count = 0
        self._total = 0.0
        self._unlisted = 0
        self._last: object = None

    def add(self, said: object) -> None:
        """Takes in a chunk or an answer. The chunk that was added last is passed over: several events may carry it."""
        if said is self._last:
            return
        self._last = said
        for value in chain(_of_choices(said), _of_delta(said), _of_output(said)):
            if value == UNLISTED:
                self._unlisted += 1
            elif isinstance(value, int | float):
                self._count += 1
                self._total += value

    def summary(self) -> LogProbabilitySummary:
        mean = self._total / self._count if self._count else None
        return LogProbabilitySummary(self._count, mean, self._unlisted)


def _of_choices(said: object) -> Iterator[object]:
    """Chat Completions, whole and streamed."""
    for choice in items(get(said, "choices")):
        for part in ("content", "refusal"):
            yield from _values(get(choice, "logprobs", part))


def _of_delta(said: object) -> Iterator[object]:
    """A stream of Responses; the events that tell the whole text again are passed over."""
    if get(said, "type") == "response.output_text.delta":
        yield from _values(get(said, "logprobs"))


def _of_output(said: object) -> Iterator[object]:
    """A whole response."""
    for item in items(get(said, "output")):
        for part in items(get(item, "content")):
            yield from _values(get(part, "logprobs"))


def _values(tokens: object) -> Iterator[object]:
    return (get(token, "logprob") for token in items(tokens))
