"""A provider server for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firsttoken.testing import ProviderServer


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running
