"""One judgement for the errors of all providers: pure functions over what an error says of itself.

Structure decides: the provider's words, then the HTTP status, then the exception's classes. Prose only helps where
these leave it open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from firsttoken.call import Category, Stage
from firsttoken.providers.error_facts import ErrorFacts
from firsttoken.providers.error_words import (
    BROAD_WORDS,
    CLASSES,
    CONNECTING_CLASSES,
    PHRASES,
    PRECISE_WORDS,
    STATUSES,
)


def category_of(facts: ErrorFacts) -> Category:
    """What kind of error it is."""
    precise = _listed(PRECISE_WORDS, facts.words)
    if precise is not None:
        return precise
    found = _of_status(facts) or _listed(BROAD_WORDS, facts.words) or _of_classes(facts) or Category.UNKNOWN
    fitting = (phrase for phrase in PHRASES if found in phrase.instead_of)
    return next((phrase.category for phrase in fitting if re.search(phrase.text, facts.message, re.IGNORECASE)), found)


def stage_of(facts: ErrorFacts, *, answering: bool) -> Stage | None:
    """How far the call had come. `answering` is whether the caller had been given an answer to read."""
    if answering:
        return Stage.MID_STREAM
    if not CONNECTING_CLASSES.isdisjoint(facts.classes):
        return Stage.CONNECT
    on_the_way = _of_status(facts) or _of_classes(facts) in (Category.TIMEOUT, Category.CONNECTION)
    return Stage.HEADERS if on_the_way else None


def _listed(table: Mapping[str, Category], words: tuple[str, ...]) -> Category | None:
    plain = (word.strip().casefold().replace("-", "_").replace(" ", "_") for word in words)
    return next((table[word] for word in plain if word in table), None)


def _of_status(facts: ErrorFacts) -> Category | None:
    """Of the answer's own status, or of one that an error within an answer gives as its code."""
    given = (int(word) for word in facts.words if len(word) == 3 and word.isdecimal())
    status = next((status for status in (facts.status or 0, *given) if 400 <= status < 600), None)
    if status is None:
        return None
    return STATUSES.get(status, Category.BAD_REQUEST if status < 500 else Category.SERVER)


def _of_classes(facts: ErrorFacts) -> Category | None:
    return next((CLASSES[name] for name in facts.classes if name in CLASSES), None)
