"""Programs that build others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from e2e.testbed.cache import NotToBeHad

LAST_LINES = 15


def run(command: Sequence[str | Path], folder: Path, **environment: str) -> str:
    """What it printed. Its last words are in the error where it fails."""
    name = str(command[0])
    if shutil.which(name) is None:
        raise NotToBeHad(f"{name} is not on PATH: install it and run `make testbed` again")
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-LAST_LINES:])
        raise NotToBeHad(f"`{' '.join(map(str, command))}` failed with {done.returncode}:\n{said}")
    return done.stdout


GO: Mapping[str, str] = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath"}
"""What Go is told for every build."""


def module_folder(module: str, folder: Path) -> Path:
    """The source of a Go module, `path@version`, which Go keeps. `folder` is where Go is run."""
    return Path(json.loads(run(["go", "mod", "download", "-json", module], folder))["Dir"])


def build_module(source: Path, package: str, program: Path, without_replacement: str | None = None) -> None:
    """Builds it where Go keeps the module, to which nobody may write: `go.mod` is a copy beside `program`."""
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(source / name, program.parent / name)
    copied = program.parent / "go.mod"
    if without_replacement is not None:
        run(["go", "mod", "edit", f"-dropreplace={without_replacement}", copied], program.parent)
    flags = ["-mod=mod", f"-modfile={copied}", "-ldflags", "-s -w"]
    run(["go", "build", *flags, "-o", program, package], source, **GO)
