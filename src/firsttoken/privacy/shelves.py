"""Places that hold texts by their digest: a directory, or whatever fsspec can reach."""

from __future__ import annotations

import os
import tempfile
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol, cast
from urllib.parse import unquote, urlsplit

from firsttoken.call.cutting import encoded
from firsttoken.errors import SettingsError

OWNER_ONLY: Final = 0o700
"""What was said is nobody else's to read."""


class Shelf(Protocol):
    """One such place. What it is given twice it writes once. Raises what the place does."""

    def put(self, sha256: str, text: str) -> None: ...

    def get(self, sha256: str) -> bytes | None:
        """None where it has nothing under that digest."""
        ...


def below(sha256: str) -> str:
    """Where a text is, below the root of its shelf."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def shelf_at(place: str | Path) -> Shelf:
    """By a path or a URL. Raises SettingsError where it cannot be used."""
    if isinstance(place, Path) or "://" not in place:
        return Directory(_expanded(Path(place)))
    if place.lower().startswith("file://"):
        return Directory(_named_by(place))
    if find_spec("fsspec") is None:
        raise SettingsError("a content store at a URL needs fsspec: pip install 'firsttoken[content-store]'")
    return Remote(place)


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise SettingsError(f"{str(path)!r} is in the home of nobody here: name a directory") from error


def _named_by(url: str) -> Path:
    path = unquote(urlsplit(url).path)
    if not path:
        raise SettingsError(f"{url!r} names no directory: write three slashes, file:///")
    return Path(path)


class Directory:
    """Files of their owner alone, made where there are none."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, sha256: str, text: str) -> None:
        """Whole or not at all, whoever else writes the same."""
        path = self._root / below(sha256)
        if path.exists():
            return
        for folder in (self._root, path.parent.parent, path.parent):
            os.makedirs(folder, OWNER_ONLY, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with open(number, "wb") as file:
                file.writelines(encoded(text))
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise

    def get(self, sha256: str) -> bytes | None:
        try:
            return (self._root / below(sha256)).read_bytes()
        except FileNotFoundError:
            return None


class Remote:
    """A file system of fsspec. An object store writes an object whole or not at all."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """The file system and its root: connected to when it is first used, and not while the application starts."""
        from fsspec.core import url_to_fs  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

        files, root = cast("tuple[Any, str]", url_to_fs(self._url))
        return files, root.rstrip("/")

    def put(self, sha256: str, text: str) -> None:
        (files, root), content = self._place, b"".join(encoded(text))
        path = f"{root}/{below(sha256)}"
        if files.exists(path) and files.size(path) == len(content):
            return
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe_file(path, content)

    def get(self, sha256: str) -> bytes | None:
        files, root = self._place
        try:
            return files.cat_file(f"{root}/{below(sha256)}")
        except FileNotFoundError:
            return None
