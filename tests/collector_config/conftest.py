"""The Collector is built once, and kept in the user's cache between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from .programs import build_collector


@pytest.fixture(scope="session")
def collector_binary() -> Path:
    return build_collector()
