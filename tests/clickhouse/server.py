"""The engine as a child process, and databases in it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from firsttoken.clickhouse.schema import SETTLING, TABLES, Variant, settling, statements

PROGRAM: Final = Path(__file__).with_name("engine_server.py")
USER: Final = "analyst"
PASSWORD: Final = "open:sesame/@1"  # noqa: S105  what has to be escaped in a URL
ESCAPED_PASSWORD: Final = "open%3Asesame%2F%401"  # noqa: S105

_databases = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """One engine that listens."""

    port: int

    def url(self, database: str = "default", *, password: str = ESCAPED_PASSWORD) -> str:
        return f"clickhouse://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def client(self, database: str = "default") -> Client:
        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            username=USER,
            password=PASSWORD,
            database=database,
            compress=False,
            autogenerate_session_id=False,
        )


@dataclass(frozen=True)
class Database:
    """A database with our schema, which no other test has at the time."""

    name: str
    url: str
    client: Client


@contextmanager
def running(version: str | None = None) -> Iterator[Server]:
    """Until the block is left, and no longer than this process."""
    command = [sys.executable, str(PROGRAM), USER, PASSWORD, *([version] if version else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield Server(int(child.stdout.readline()))
        child.stdin.close()


def empty_database(server: Server) -> str:
    """The name of a new one, without a table."""
    name = f"database_{next(_databases)}"
    server.client().command(f"CREATE DATABASE {name}")
    return name


def new_database(server: Server, variant: Variant | None = None) -> Database:
    name = empty_database(server)
    client = server.client(name)
    for statement in statements(variant or Variant()):
        client.command(statement)
    for job in SETTLING:
        client.command(f"SYSTEM STOP VIEW {job}")  # every test would have its own run each minute
    return Database(name, server.url(name), client)


def emptied(database: Database) -> Database:
    """For the next test."""
    for table in TABLES:
        database.client.command(f"TRUNCATE TABLE {table}")
    return database


def settle(client: Client) -> None:
    """As the server does from one minute to the next, without waiting for the quiet."""
    for _ in range(2):
        for statement in settling(quiet_s=0):
            client.command(statement)
