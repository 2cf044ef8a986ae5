"""The programs are built once, and kept in the user's cache between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.programs import built
from e2e.testbed.collector import COLLECTOR

OPT_IN = ("test_mlflow.py", "test_phoenix.py")
"""Of others/: what they need has a gigabyte, and is no part of what CI promises."""


def pytest_addoption(parser: pytest.Parser) -> None:
    wanted = f"run {' and '.join(OPT_IN)} too, whose servers are from PyPI"
    parser.addoption("--others", action="store_true", help=wanted)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """They are not there at all where nobody asks for them: a test that is skipped looks like one that holds."""
    return True if collection_path.name in OPT_IN and not config.getoption("--others") else None


@pytest.fixture(scope="session")
def collector_binary() -> Path:
    return built(COLLECTOR, "collector")
