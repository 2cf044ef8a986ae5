"""Programs of their own: fresh interpreters and the command line, free of settings made around this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SETTINGS: Final = ("OTEL_", "FIRSTTOKEN_", "OPENAI_", "ANTHROPIC_")

FIRSTTOKEN: Final = str(Path(sys.executable).with_name("firsttoken"))


def environment() -> dict[str, str]:
    """This process's environment without what would change a measurement."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}


def said(code: str, environ: Mapping[str, str] | None = None) -> str:
    """What the code prints. Raises CalledProcessError when it fails."""
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, env=environ or environment(), check=True, capture_output=True, text=True, timeout=600
    ).stdout
