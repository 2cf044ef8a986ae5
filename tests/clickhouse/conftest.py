from __future__ import annotations

from collections.abc import Iterator

import pytest

from .same_calls import Stores, same_calls
from .server import Database, Server, emptied, new_database, running


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real engine, which the tests of one process share."""
    with running() as engine:
        yield engine


@pytest.fixture(scope="session")
def only_database(server: Server) -> Database:
    """To make a schema takes seconds."""
    return new_database(server)


@pytest.fixture
def database(only_database: Database) -> Database:
    """Without a row, under the schema of one server."""
    return emptied(only_database)


@pytest.fixture(scope="session")
def stores(server: Server) -> Iterator[Stores]:
    """Both engines with the same calls, which no test changes."""
    with same_calls(server) as both:
        yield both
