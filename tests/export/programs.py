"""Programs in processes of their own, which are observed and end in every way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OBSERVED: Final = """
import firsttoken
firsttoken.instrument()
"""
PRELUDE: Final = """
import os, sys, time
import openai

def client():
    return openai.OpenAI(api_key="k", max_retries=0, http_client=openai.DefaultHttpxClient(verify=False))

def ask(client, **more):
    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], **more)
"""

PATIENCE: Final = "FIRSTTOKEN_EXIT_TIMEOUT_S"
"""Long here: what arrives is tested, and a machine under load is slow, not wrong."""

CRASHES: Final = frozenset({-signal.SIGSEGV} if sys.version_info[:3] == (3, 13, 0) else ())
"""How CPython 3.13.0 may end where a stream of the bare SDK still runs at the end of the interpreter."""

KEPT: Final = ("PATH", "PYTHONPATH", "HOME", "TMPDIR", "LANG")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended."""

    stdout: str
    stderr: str
    status: int
    ended: float
    """`time.time()` when it was gone."""


def run(program: str, provider: str, *, observed: bool = True, **environment: str) -> Ended:
    """Runs a program to its end, with `provider` as the base URL of OpenAI and nothing else in its environment."""
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    variables = {"OPENAI_BASE_URL": provider, "OTEL_METRIC_EXPORT_INTERVAL": "600000", PATIENCE: "30", **environment}
    done = subprocess.run(
        [sys.executable, "-c", (OBSERVED if observed else "") + PRELUDE + program],
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(done.stdout, done.stderr, done.returncode, time.time())


def start(folder: Path, program: str, provider: str, *command: str, **environment: str) -> subprocess.Popen[str]:
    """Starts a program from a file `program.py` in the folder, by `command` where Python alone is not to run it."""
    (folder / "program.py").write_text(OBSERVED + PRELUDE + program, "utf-8")
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    variables = {"OPENAI_BASE_URL": provider, "OTEL_METRIC_EXPORT_INTERVAL": "600000", PATIENCE: "30", **environment}
    return subprocess.Popen(
        [sys.executable, *(command or ("program.py",))],
        cwd=folder,
        env=inherited | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
