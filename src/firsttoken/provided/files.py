"""Where the files are, and which of what stands there is one of them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Final

INSTALLED: Final = Path(__file__).with_name("files")
"""Filled as pyproject.toml says when a wheel is built."""
CLONE: Final = Path(__file__).resolve().parents[3]
GENERATORS: Final = frozenset(
    {"dashboards/boards", "dashboards/rules", "dashboards/generate.py", "dashboards/jaeger_ui.py"}
)
"""What writes files, and is no use without the tools of the repository."""
LEFT_OUT: Final = frozenset({".md", ".pyc"})


def below(folder: str) -> tuple[PurePosixPath, ...]:
    """The files in `dashboards` or `collector-config`, in order, from the top of the repository. Raises OSError."""
    top = _top()
    (top / folder).stat()  # a missing folder is an error with its name in it, not a folder without files
    found = (path for path in (top / folder).rglob("*") if path.is_file() and path.suffix not in LEFT_OUT)
    return tuple(sorted(name for path in found if not _is_generator(name := PurePosixPath(path.relative_to(top)))))


def text_of(name: PurePosixPath) -> str:
    """Raises OSError."""
    return (_top() / name).read_text(encoding="utf-8")


def _top() -> Path:
    return INSTALLED if INSTALLED.is_dir() else CLONE


def _is_generator(name: PurePosixPath) -> bool:
    return any(str(part) in GENERATORS for part in (name, *name.parents))
