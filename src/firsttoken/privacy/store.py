"""The content store: it gets the whole of every text that was cut, redacted, under the digest that the mark tells."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final

from firsttoken.errors import FirstTokenError
from firsttoken.guard import note_trouble
from firsttoken.losses import note_loss, open_way
from firsttoken.privacy.shelves import Shelf, below, shelf_at

WAITING_CHARACTERS: Final = 64 * 1024 * 1024
"""As much may wait to be written; what comes then is not kept."""

REMEMBERED: Final = 10_000
"""Digests of what was written last: a system prompt is cut in every call."""

DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class ContentStore:
    """Writes on a thread of its own, for a place may be slow."""

    def __init__(self, shelf: Shelf, later: Callable[[Callable[[], object]], bool]) -> None:
        """`later` does things one after the other, and says whether it takes another one."""
        self._shelf = shelf
        self._later = later
        self._waiting = 0
        self._counting = threading.Lock()
        self._written: OrderedDict[str, None] = OrderedDict()
        open_way("contents")

    def keep(self, text: str, sha256: str) -> str | None:
        """Where the text will be; None where there is no room for it. Never blocks, never raises."""
        if sha256 in self._written:
            return below(sha256)
        if not self._take_room(len(text)):
            note_loss("contents", "queue_full")
            return None
        if not self._later(partial(self._write, text, sha256)):
            self._give_room(len(text))
            note_loss("contents", "queue_full")
            return None
        return below(sha256)

    def forked(self) -> None:
        """In a forked child: what waits is its parent's to write."""
        self._counting, self._waiting = threading.Lock(), 0

    def _take_room(self, characters: int) -> bool:
        with self._counting:
            if self._waiting and self._waiting + characters > WAITING_CHARACTERS:
                return False
            self._waiting += characters
            return True

    def _give_room(self, characters: int) -> None:
        with self._counting:
            self._waiting = max(self._waiting - characters, 0)

    def _write(self, text: str, sha256: str) -> None:
        try:
            if sha256 not in self._written:
                self._shelf.put(sha256, text)
                self._remember(sha256)
        except Exception:  # noqa: BLE001  whatever a file system raises
            note_loss("contents", "export_failed")
            note_trouble("write to the content store")
        finally:
            self._give_room(len(text))

    def _remember(self, sha256: str) -> None:
        self._written[sha256] = None
        if len(self._written) > REMEMBERED:
            self._written.popitem(last=False)


def read_back(place: str, sha256: str) -> str:
    """The whole text that was cut. Raises FirstTokenError where the store has none, or not what was put there."""
    if not DIGEST.fullmatch(sha256):
        raise FirstTokenError(f"{sha256!r} is no digest: it has 64 hexadecimal digits, as a cut text tells them")
    content = _taken(shelf_at(place), sha256)
    if content is None:
        raise FirstTokenError(
            f"the content store has nothing under {sha256}: was it cut by a program that writes there?"
        )
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FirstTokenError(f"what the content store has under {sha256} is not what was put there: it is damaged")
    return content.decode()


def _taken(shelf: Shelf, sha256: str) -> bytes | None:
    try:
        return shelf.get(sha256)
    except Exception as error:
        raise FirstTokenError(f"the content store cannot be read ({type(error).__qualname__}): {error}") from error
