from __future__ import annotations

from collections.abc import Iterator

import pytest

from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

LIMIT_BYTES = 1024 * 1024
ANY_PORTS = ServeSettings(grpc_port=0, http_port=0, page_port=None, max_body_bytes=LIMIT_BYTES)


@pytest.fixture(scope="session")
def store() -> Iterator[Store]:
    """One store in memory for tests that only add to it."""
    with Store.open(None) as store:
        yield store


@pytest.fixture(scope="session")
def server(store: Store) -> Iterator[Server]:
    """One server without a page, with a limit that is quick to pass."""
    with Server(store, ANY_PORTS) as server:
        yield server
