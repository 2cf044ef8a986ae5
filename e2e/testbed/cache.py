"""Real programs, each built once and kept in the user's cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "firsttoken-testbed"
"""As the environment is when this is read: some tests give themselves another cache folder."""


class NotToBeHad(Exception):
    """Says what could not be built, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Component:
    """One or more programs that are built together."""

    name: str
    recipe: tuple[str, ...]
    """All that the result depends on: texts of manifests, versions. Another recipe is another build."""
    build: Callable[[Path], None]
    """Fills an empty folder, or raises `NotToBeHad` or an `OSError`."""

    @property
    def folder(self) -> Path:
        """Where it is, once it is built."""
        checksum = hashlib.sha256("\0".join(self.recipe).encode()).hexdigest()[:12]
        return CACHE / f"{self.name}-{checksum}"


def ready(component: Component) -> Path:
    """Its folder, built first where that has not been done. Two at once build it once; a broken one leaves nothing."""
    folder = component.folder
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{component.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            print(f"testbed: building {component.name}, which takes a while the first time", file=sys.stderr)
            _build(component, folder)
    return folder


def _build(component: Component, folder: Path) -> None:
    work = Path(tempfile.mkdtemp(prefix=f"{component.name}.", dir=CACHE))
    try:
        component.build(work)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
