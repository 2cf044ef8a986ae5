"""A file that is there when it is whole, and not before. Nothing is ever overwritten."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from firsttoken.errors import FirstTokenError


class OutputError(FirstTokenError):
    """An answer cannot be written where it should go."""


def check_free(path: Path) -> None:
    """Raises OutputError: nothing is ever overwritten."""
    if path.exists() or path.is_symlink():
        raise _taken(path)
    if not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}: make it, or name another file")


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """To be written under another name beside it, which goes away where the writing fails or is ended by a signal.

    Raises OutputError.
    """
    check_free(path)
    with _sigterm_unwinds(), _explained(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.chmod(0o666 & ~_umask())
            _claim(path)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


@contextmanager
def _explained(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}): name another file") from error


@contextmanager
def _sigterm_unwinds() -> Generator[None]:
    """As Ctrl-C does, so that what is half written goes away. Only the main thread can have it so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _claim(path: Path) -> None:
    """Takes the name, unless somebody did meanwhile."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        raise _taken(path) from None


def _taken(path: Path) -> OutputError:
    return OutputError(f"{path} is there already and was left as it is: name another file")


def _umask() -> int:
    """The only way to read it is to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
