"""Taking what is private out of texts, and counting it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from firsttoken.plain import encodable
from firsttoken.privacy.credentials import CREDENTIALS
from firsttoken.privacy.personal import PERSONAL
from firsttoken.privacy.sighting import Sight
from firsttoken.settings import Redact

OWN: Final = "own"
"""Under which the application's own function is counted: once for each text that it changed."""

KNOWN: Final = "credential"
"""A key of which we know that it is one, whatever it looks like: the client itself sends it."""

SHORTEST_KNOWN: Final = 8
"""A shorter one hides nothing, and stands in many words."""


@dataclass(slots=True)
class Redaction:
    """What is taken out of the texts of one call."""

    sights: Collection[Sight]
    own: tuple[Redact, ...] = ()
    """The application's own functions, in their order."""
    known: tuple[str, ...] = ()
    """Keys to be taken out wherever they stand."""
    counts: Counter[str] = field(default_factory=Counter[str], init=False)
    """How often each kind was."""

    def seen(self, text: str) -> str:
        """The text without what has a known form."""
        return removed(text, [*_known(text, self.known), *_seen(text, self.sights)], self.counts)

    def __call__(self, text: str) -> str:
        """The same, and through the application's own functions. Raises what they raise."""
        text = self.seen(text)
        for own in self.own:
            redacted = own(text)
            if not isinstance(redacted, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError("a redact function gives a text")
            self.counts[OWN] += redacted != text
            text = encodable(redacted)
        return text


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes out of a text what it knows by sight, in time that grows with the text and no faster."""

    sights: tuple[Sight, ...]

    def __call__(self, text: str) -> str:
        return removed(text, _seen(text, self.sights), Counter())


def sights_for(kinds: Iterable[str]) -> tuple[Sight, ...]:
    """Keys and tokens always, and what is asked for besides."""
    return (*CREDENTIALS, *(sight for kind in kinds for sight in PERSONAL[kind]))


def mark(kind: str) -> str:
    """What stands in the place of something that was taken out."""
    return f"[{kind} removed]"


def removed(text: str, found: Iterable[tuple[int, int, str]], counts: Counter[str]) -> str:
    """The text without what was found in it; the same text where that is nothing."""
    spans = _apart(found)
    if not spans:
        return text
    pieces, end = list[str](), 0
    for start, stop, kind in spans:
        pieces += (text[end:start], mark(kind))
        end = stop
        counts[kind] += 1
    return "".join((*pieces, text[end:]))


def _apart(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """From left to right; those that overlap are one, of the kind that begins first."""
    spans = list[tuple[int, int, str]]()
    for start, stop, kind in sorted(found):
        if spans and start < spans[-1][1]:
            first, end, earlier = spans[-1]
            spans[-1] = (first, max(end, stop), earlier)
        else:
            spans.append((start, stop, kind))
    return spans


def _seen(text: str, sights: Iterable[Sight]) -> Iterator[tuple[int, int, str]]:
    return ((start, stop, sight.kind) for sight in sights for start, stop in sight.found(text))


def _known(text: str, known: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    for secret in known:
        at = text.find(secret) if len(secret) >= SHORTEST_KNOWN else -1
        while at >= 0:
            yield at, at + len(secret), KNOWN
            at = text.find(secret, at + len(secret))
