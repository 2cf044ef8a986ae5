from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from firsttoken.cli.program import run

from .recording import Recorded, recorded


@pytest.fixture(scope="session")
def hour_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Recorded]:
    """An emitter's telemetry, and the embedded store with it: made once for all tests of a process."""
    folder = tmp_path_factory.mktemp("hour")

    @cache
    def made(emitter: str) -> Recorded:
        file, store = recorded(emitter, folder), folder / f"{emitter}.duckdb"
        assert run(["import", str(file), "--store", str(store), "--page-port", "1"]) == 0
        return Recorded(file, store)

    return made
