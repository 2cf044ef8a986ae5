"""What may be told of the content of calls: redacted, and within the limits. What was cut goes to the store, whole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from firsttoken.call.bodies import Bodies
from firsttoken.call.bounds import Budget, bounded
from firsttoken.call.content import Content
from firsttoken.call.texts import with_texts
from firsttoken.call.wordless import without_words
from firsttoken.privacy.bodies import Limits, prepared
from firsttoken.privacy.redaction import Redaction, sights_for
from firsttoken.settings import ContentLevel, Settings

log = logging.getLogger("firsttoken")

R = TypeVar("R")
Keys = tuple[str, ...]


class RedactError(Exception):
    """The application's own `redact` failed, in whatever way."""


class Keeping:
    """By the settings of one pipeline. Used on its background thread alone."""

    def __init__(self, settings: Settings, keep: Callable[[str, str], str | None]) -> None:
        """`keep` takes every text that is cut, whole, with its digest."""
        self._settings = settings
        self._sights = sights_for(settings.redact_kinds)
        self._limits = Limits(Budget(settings.content_limit_bytes, settings.content_part_limit_bytes), keep)
        self._warned = False

    def messages(self, content: Content, level: ContentLevel, keys: Keys) -> Content | None:
        """Raises RedactError where `redact` fails: then nothing of it may be told. `keys` are those of the client."""
        if level == "none":
            return None
        if level == "metadata":
            return without_words(content)
        redact = self._redaction(keys)
        redacted = self._warning(lambda: with_texts(content, redact))
        return bounded(redacted, self._limits.budget, self._limits.keep)

    def bodies(self, request: object, response: object, level: ContentLevel, keys: Keys) -> Bodies:
        """Likewise."""
        redact = self._redaction(keys)
        return self._warning(lambda: prepared(request, response, level, redact, self._limits))

    def _redaction(self, keys: Keys) -> Redaction:
        return Redaction(self._sights, self._settings.redact_functions, keys)

    def _warning(self, work: Callable[[], R]) -> R:
        """Warns once of a `redact` that fails, without what the error says: that may be the text.

        One that exits fails too: the thread is ours, and the program goes on.
        """
        try:
            return work()
        except BaseException as error:
            if not self._warned:
                self._warned = True
                kind = type(error).__qualname__
                log.warning("firsttoken records no content of calls for which redact fails: %s", kind)
            raise RedactError from error
