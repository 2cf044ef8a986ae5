"""Puts other instrumentations into a folder of their own beside the environment, and prints where that is.

Only programs that name the folder in PYTHONPATH see them: see tests/other_emitters/requirements.txt.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = ROOT / "tests" / "other_emitters" / "requirements.txt"


def folder() -> Path:
    """Made where it is missing; as many as want it at once get the same."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    place = Path(sys.prefix) / f"other-emitters-{digest}"
    if not place.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
        _install(unfinished)
        try:
            unfinished.replace(place)
        except OSError:  # somebody else was faster
            shutil.rmtree(unfinished)
    return place


def installing(place: Path, *what: str) -> list[str]:
    """The command that puts packages into a folder, and nothing that they depend on."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    install = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    return [*install, "--quiet", "--no-deps", "--target", str(place), *what]


def _install(place: Path) -> None:
    subprocess.run(installing(place, "--requirement", str(REQUIREMENTS)), check=True)


if __name__ == "__main__":
    print(folder())
