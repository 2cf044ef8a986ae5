"""The demo: a local provider server, a realistic workload through the real SDKs, and `firsttoken run` around it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from firsttoken.testing import DefaultScript, ProviderServer

FIRSTTOKEN = Path(sys.executable).with_name("firsttoken")


def main(arguments: list[str]) -> int:
    """Extra `arguments` go to `firsttoken run`, `--exit` above all. The store is a new one, gone afterwards."""
    with (
        ProviderServer(DefaultScript(pace=1.0)) as server,
        tempfile.TemporaryDirectory(prefix="firsttoken-demo-") as folder,
    ):
        print(f"A provider server answers at {server.base_url}; the workload takes a few seconds.", flush=True)
        workload = [sys.executable, "-m", "firsttoken.testing.workload", "--base-url", server.base_url]
        store = str(Path(folder) / "demo.duckdb")
        return subprocess.call([str(FIRSTTOKEN), "run", "--store", store, *arguments, "--", *workload])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
