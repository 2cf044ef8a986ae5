"""How many bytes went out and came in, as the HTTP client counts them, and how many of them were text."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Any

from firsttoken.call import Sizes
from firsttoken.call.content import Content, Message, Part
from firsttoken.call.cutting import size_of
from firsttoken.call.texts import leaves, main_text
from firsttoken.guard import guarded


class Weight:
    """Of one call. It keeps neither request nor response alive."""

    __slots__ = ("_received", "_response", "_sent")

    def __init__(self) -> None:
        self._sent: int | None = None
        self._received: int | None = None
        self._response: weakref.ref[Any] | None = None

    @guarded("see how large a request is")
    def asked_by(self, request: Any) -> None:
        self._sent = len(request.content)

    def answered_by(self, response: Any) -> None:
        """By the response that counts; only the last one does."""
        self._response, self._received = weakref.ref(response), response.num_bytes_downloaded
        self.asked_by(response.request)

    @guarded("see how large an answer is")
    def settle(self) -> None:
        """Reads off what has come by now. Later the response may be gone."""
        response = None if self._response is None else self._response()
        if response is not None:
            self._received = response.num_bytes_downloaded

    def sizes(self, content: Content | None) -> Sizes:
        """`content` is all that was said, before anything is taken out of it or cut."""
        if content is None:
            return Sizes(self._sent, self._received)
        asked = None if content.input is None else _text_bytes([*content.system, *_parts(content.input)])
        return Sizes(self._sent, self._received, asked, _text_bytes(_parts(content.output)))


def _parts(messages: Iterable[Message]) -> list[Part]:
    return [part for message in messages for part in message.parts]


def _text_bytes(parts: Iterable[Part]) -> int:
    return sum(size_of(main_text(part)) for part in leaves(parts))
