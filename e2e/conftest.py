"""The programs are built once, and kept in the user's cache between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.programs import built
from e2e.testbed.collector import COLLECTOR


@pytest.fixture(scope="session")
def collector_binary() -> Path:
    return built(COLLECTOR, "collector")
