"""What of the content may leave the process: each text redacted, then all of it cut to the limit."""

from __future__ import annotations

import logging
from collections.abc import Callable

from firsttoken.call.bounds import bounded
from firsttoken.call.content import Content
from firsttoken.call.texts import with_texts
from firsttoken.plain import encodable

log = logging.getLogger("firsttoken")


class Keeping:
    """The user's own `redact`, and the limit."""

    def __init__(self, redact: Callable[[str], str] | None, limit_bytes: int) -> None:
        self._redact = redact
        self._limit_bytes = limit_bytes
        self._warned = False

    def of(self, content: Content) -> Content:
        """Raises what `redact` raises: then nothing of the content may be recorded."""
        return bounded(content if self._redact is None else with_texts(content, self._redacted), self._limit_bytes)

    def _redacted(self, text: str) -> str:
        try:
            return encodable(_text(self._redact(text)) if self._redact is not None else text)
        except Exception as error:
            self._warn(error)
            raise

    def _warn(self, error: Exception) -> None:
        """Once, and without what the error says: that may be the text."""
        if not self._warned:
            self._warned = True
            log.warning("firsttoken records no content of calls for which redact fails: %s", type(error).__qualname__)


def _text(redacted: object) -> str:
    if not isinstance(redacted, str):
        raise TypeError
    return redacted
