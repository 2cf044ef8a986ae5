"""Phoenix in a process of its own, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from e2e.programs import built, free_ports, running
from e2e.testbed.from_pypi import PHOENIX

QUIET = {"PHOENIX_TELEMETRY_ENABLED": "false", "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false", "PYTHONPATH": ""}


@dataclass(frozen=True, slots=True)
class Phoenix:
    http: str
    grpc: str
    """Both as `host:port`."""

    def spans(self, project: str) -> list[dict[str, Any]]:
        return self._asked(f"projects/{project}/spans?limit=100")

    def sessions(self, project: str) -> list[dict[str, Any]]:
        return self._asked(f"projects/{project}/sessions")

    def _asked(self, path: str) -> list[dict[str, Any]]:
        """Nothing where there is no such project yet."""
        try:
            with urlopen(f"http://{self.http}/v1/{path}", timeout=60) as answer:
                return json.load(answer)["data"]
        except HTTPError as error:
            if error.code != 404:
                raise
            return []


@contextmanager
def phoenix(folder: Path) -> Iterator[Phoenix]:
    http, grpc = free_ports(2)
    told = {"PHOENIX_WORKING_DIR": str(folder), "PHOENIX_HOST": "127.0.0.1"}
    ports = {"PHOENIX_PORT": str(http), "PHOENIX_GRPC_PORT": str(grpc)}
    with running([str(built(PHOENIX, "bin/phoenix")), "serve"], {**QUIET, **told, **ports}, ready="Uvicorn running on"):
        yield Phoenix(f"127.0.0.1:{http}", f"127.0.0.1:{grpc}")
