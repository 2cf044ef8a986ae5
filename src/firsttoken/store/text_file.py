"""Texts by a short key, of which more may be wanted than fit into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

IN_MEMORY: Final = 64 * 1024 * 1024
"""Bytes. What is more goes to a file that has no name and is gone with the process."""


class TextFile(Mapping[str, str]):
    """The texts that it was made of. Belongs to one thread, and is to be closed."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed with the whole
        self._places: dict[str, tuple[int, int]] = {}
        for key, text in texts:
            encoded = text.encode()
            self._places[key] = (self._file.tell(), len(encoded))
            self._file.write(encoded)

    def __getitem__(self, key: str) -> str:
        place, length = self._places[key]
        self._file.seek(place)
        return self._file.read(length).decode()

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Idempotent."""
        self._file.close()
