from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firsttoken.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "calls.duckdb"


@pytest.fixture(scope="session")
def shared_store() -> Iterator[Store]:
    """One store in memory for tests that only add to it."""
    with Store.open(None) as store:
        yield store
