"""MLflow in a process of its own, and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from e2e.programs import built, free_ports, running
from e2e.testbed.from_pypi import MLFLOW

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "PYTHONPATH": ""}


@dataclass(frozen=True, slots=True)
class Mlflow:
    http: str
    """As `host:port`."""

    def new_experiment(self, name: str) -> str:
        """Its id."""
        return self._asked("2.0/mlflow/experiments/create", {"name": name})["experiment_id"]

    def traces(self, experiment: str) -> list[dict[str, Any]]:
        """What the list of traces shows."""
        place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
        return self._asked("3.0/mlflow/traces/search", {"locations": [place], "max_results": 100}).get("traces", [])

    def spans(self, trace_id: str) -> list[dict[str, Any]]:
        """Their attributes as plain values, under `attributes`."""
        found = self._asked(f"3.0/mlflow/traces/get?trace_id={trace_id}")["trace"]["spans"]
        return [{**span, "attributes": _plain(span["attributes"])} for span in found]

    def _asked(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://{self.http}/api/{path}", data, {"Content-Type": "application/json"})
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)


def _plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["key"]: _value(each["value"]) for each in attributes}


def _value(value: dict[str, Any]) -> Any:
    [(kind, held)] = value.items()
    if kind == "kvlist_value":
        return _plain(held.get("values", []))
    return [_value(each) for each in held.get("values", [])] if kind == "array_value" else held


@contextmanager
def mlflow(folder: Path) -> Iterator[Mlflow]:
    [port] = free_ports(1)
    kept = [f"--backend-store-uri=sqlite:///{folder}/mlflow.db", f"--artifacts-destination={folder}/artifacts"]
    listening = ["--host=127.0.0.1", f"--port={port}", "--workers=1"]
    command = [str(built(MLFLOW, "bin/mlflow")), "server", *listening, *kept]
    with running(command, QUIET, ready="Uvicorn running on"):
        yield Mlflow(f"127.0.0.1:{port}")
