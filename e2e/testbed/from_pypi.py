"""Servers from PyPI, each with all that it needs in an environment of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from e2e.testbed.cache import Component, NotToBeHad
from e2e.testbed.commands import run

AS_OF: Final = "2026-11-20"
"""What the pinned servers need themselves is taken as it was on that day."""


def _server(name: str, package: str) -> Component:
    def build(folder: Path) -> None:
        uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
        if uv is None:
            raise NotToBeHad("uv is not on PATH: install it and run `make testbed` again")
        run([uv, "venv", "--relocatable", "--python", sys.executable, folder], folder)
        python = folder / "bin" / "python"
        run([uv, "pip", "install", "--quiet", "--python", python, "--exclude-newer", AS_OF, package], folder)

    return Component(name, (package, AS_OF, sys.version), build)


PHOENIX: Final = _server("phoenix", "arize-phoenix==20.26.1")
"""Its program is `bin/phoenix`."""
MLFLOW: Final = _server("mlflow", "mlflow==3.17.2")
"""Its program is `bin/mlflow`."""
