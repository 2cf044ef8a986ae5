"""Files that come with the package, written to a folder: all of them, or none where one is in the way."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from firsttoken.cli.new_file import OutputError, new_file

AT_ONCE: Final = 3
"""Names in a complaint."""


def write_files(folder: Path, files: Sequence[PurePosixPath], top: PurePosixPath, *, overwrite: bool) -> int:
    """How many there are now. One that is there and the same stays as it is. Raises OutputError.

    `top` is the part of their names that is left out.
    """
    from firsttoken.provided import text_of

    wanted = {folder / name.relative_to(top): text_of(name).encode() for name in files}
    new = [path for path, text in wanted.items() if not _has(path, text)]
    if (taken := [path for path in new if os.path.lexists(path)]) and not overwrite:
        raise _taken(taken)
    for path in new:
        _write(path, wanted[path])
    return len(wanted)


def _has(path: Path, text: bytes) -> bool:
    return path.is_file() and path.read_bytes() == text


def _write(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() or path.is_symlink():
        path.unlink()
    with new_file(path) as file:
        file.write(text)


def _taken(paths: Sequence[Path]) -> OutputError:
    named = ", ".join(map(str, paths[:AT_ONCE])) + (" ..." if len(paths) > AT_ONCE else "")
    return OutputError(
        f"nothing was written, because files are there that are other than ours ({named}): "
        "name another folder, or give --overwrite"
    )
