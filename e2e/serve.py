"""`firsttoken serve`, the program, and what its page answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    """Of the page."""

    def asked(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}", timeout=30) as answer:
            return json.load(answer)


@contextmanager
def serve(grpc_port: int) -> Iterator[Served]:
    """It keeps what it receives in memory."""
    command = [Path(sys.executable).with_name("firsttoken"), "serve", "--memory"]
    ports = ["--grpc-port", str(grpc_port), "--http-port", "0", "--page-port", "0"]
    with subprocess.Popen([*command, *ports], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = []
        for line in child.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        try:
            yield Served(next(line.split()[1].rstrip("/") for line in said if line.startswith("Page")))
        finally:
            child.terminate()
