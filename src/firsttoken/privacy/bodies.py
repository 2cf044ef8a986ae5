"""The bodies of a request and its answer -> what of them may be told: redacted, cut to a budget, and fit to travel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from firsttoken.call.bodies import NO_BODIES, Bodies, Json, Redaction, Truncation
from firsttoken.call.bounds import Budget, Keep
from firsttoken.call.content import Sealed
from firsttoken.call.cutting import cut, digest_of, halves, share, size_of
from firsttoken.call.opaque import tellable
from firsttoken.privacy import redaction
from firsttoken.privacy.credentials import names_secret
from firsttoken.privacy.encoding import MOST_ITEMS, Encoder
from firsttoken.privacy.shape import shape
from firsttoken.settings import ContentLevel

VALUE_BYTES: Final = 8
"""What a value takes besides its text and the name that it stands under."""

LEAST_STRUCTURE: Final = 16 * 1024
"""What bodies may take without their texts, however little text may be told."""

SHORT_TEXT_BYTES: Final = 32
"""A text that is no longer is not worth cutting: a role, a kind, an id."""

TRUNCATIONS_TOLD: Final = 50

HEADER: Final = "authorization"
"""As which every header counts that is sent on to somebody else, whatever its name."""

REQUEST: Final = "/request_body"
RESPONSE: Final = "/response_body"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be told, and what becomes of the rest."""

    budget: Budget
    """Of both bodies together."""
    keep: Keep
    """Takes every text that is cut, whole, with its digest, and says where it puts it."""


def prepared(
    request: object, response: object, level: ContentLevel, redact: redaction.Redaction, limits: Limits
) -> Bodies:
    """Both bodies as they may be told. Raises what the application's own redact function raises, and nothing else.

    Args:
        request: the body as it was sent; None where there was none, or where it is unknown.
        response: the answer, as the SDK's object or as decoded JSON, likewise.
        level: how much of them may be told.
        redact: what is taken out of their texts. Its counts are told.
        limits: how much of them, and what becomes of the rest.
    """
    budget = limits.budget
    if level == "none":
        return NO_BODIES
    asked, answered, left_out = _encoded(request, response, budget.whole)
    if level == "metadata":
        return Bodies(shape(asked), shape(answered), items_left_out=left_out)
    asked, answered = (_private(body, "", redact) for body in (asked, answered))
    cutter = _Cutter(limits.keep)
    for_request, for_answer = halves(budget.whole, _size(asked), _size(answered))
    asked = cutter.body(asked, REQUEST, _each(asked, for_request, budget.part))
    answered = cutter.body(answered, RESPONSE, _each(answered, for_answer, budget.part))
    redactions = tuple(Redaction(kind, count) for kind, count in sorted(redact.counts.items()) if count)
    return Bodies(asked, answered, tuple(cutter.told), cutter.count, left_out, redactions)


def _encoded(request: object, response: object, limit_bytes: int) -> tuple[Json, Json, int]:
    """Both, their lists and objects so short that without any text they take no more than half of the limit, or what is
    little in any case."""
    most = MOST_ITEMS
    while True:
        encoder = Encoder(most)
        asked, answered = encoder.encode(request), encoder.encode(response)
        if _structure(asked) + _structure(answered) <= max(limit_bytes // 2, LEAST_STRUCTURE) or most <= 1:
            return asked, answered, encoder.left_out
        most //= 2


def _private(value: Json, name: str, redact: redaction.Redaction) -> Json:
    """The value without what is private or opaque."""
    if isinstance(value, str):
        told = tellable(value, name)
        if isinstance(told, Sealed):
            return {"size_bytes": told.size_bytes, "sha256": told.sha256}
        if names_secret(name):
            redact.counts["secret"] += 1
            return redaction.mark("secret")
        return redact(told)
    if isinstance(value, list):
        return [_private(item, name, redact) for item in value]
    if isinstance(value, dict):
        inside = HEADER if name == "headers" else None
        return {redact.seen(key): _private(item, inside or key, redact) for key, item in value.items()}
    return value


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def _structure(value: Json) -> int:
    """What it takes without its texts."""
    if isinstance(value, list):
        return VALUE_BYTES + sum(_structure(item) for item in value)
    if isinstance(value, dict):
        return VALUE_BYTES + sum(size_of(key) + _structure(item) for key, item in value.items())
    return VALUE_BYTES


def _size(value: Json) -> int:
    return _structure(value) + sum(size_of(text) for text in _texts(value))


def _each(value: Json, limit_bytes: int, part_bytes: int) -> int:
    """How long each text may be."""
    sizes = [size_of(text) for text in _texts(value)]
    fair = share(sizes, max(limit_bytes - _structure(value), limit_bytes // 2))
    return max(min(fair, part_bytes), SHORT_TEXT_BYTES)


@dataclass(slots=True)
class _Cutter:
    """Cuts texts, and takes down which."""

    keep: Keep
    told: list[Truncation] = field(default_factory=list[Truncation])
    count: int = 0

    def body(self, value: Json, path: str, limit_bytes: int) -> Json:
        """The value, none of its texts longer than that."""
        if isinstance(value, str):
            size = len(value) if len(value) * 4 <= limit_bytes else size_of(value)
            return value if size <= limit_bytes else self._cut(value, path, limit_bytes, size)
        if isinstance(value, list):
            return [self.body(item, f"{path}/{index}", limit_bytes) for index, item in enumerate(value)]
        if isinstance(value, dict):
            return {key: self.body(item, f"{path}/{_escaped(key)}", limit_bytes) for key, item in value.items()}
        return value

    def _cut(self, text: str, path: str, limit_bytes: int, size: int) -> str:
        sha256 = digest_of(text)
        stored = self.keep(text, sha256)
        self.count += 1
        if len(self.told) < TRUNCATIONS_TOLD:
            self.told.append(Truncation(path, size, sha256, stored))
        return cut(text, limit_bytes, size)


def _escaped(key: str) -> str:
    """As RFC 6901 has it."""
    return key.replace("~", "~0").replace("/", "~1")
