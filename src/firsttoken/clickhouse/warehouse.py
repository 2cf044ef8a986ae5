"""Calls kept by a ClickHouse server: the same answers as from the embedded store."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from firsttoken.clickhouse.address import Address, parse_address
from firsttoken.clickhouse.failures import explain
from firsttoken.clickhouse.reader import ClickHouseReader
from firsttoken.errors import StoreError

OLDEST: Final = (24, 10)
"""The oldest release whose SQL is enough."""
CONNECT_S: Final = 10
ANSWER_S: Final = 300

logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())  # what it would print, our line says


class ClickHouse:
    """The `Warehouse` of a ClickHouse server. Every method may be called from any thread."""

    def __init__(self, client: Client, address: Address) -> None:
        """Use `ClickHouse.open`."""
        self._client = client
        self._address = address

    @classmethod
    def open(cls, url: str) -> Self:
        """Asks the server who it is. Raises StoreError where it does not answer, refuses the user, is too old or has
        no calls to read."""
        address = parse_address(url)
        warehouse = cls(_connect(address), address)
        try:
            warehouse._check()
        except StoreError:
            warehouse.close()
            raise
        return warehouse

    @property
    def name(self) -> str:
        """The URL without the password."""
        return self._address.name

    @contextmanager
    def read(self) -> Generator[ClickHouseReader]:
        """Each question sees what had arrived when it was asked."""
        yield ClickHouseReader(self._client, self._address)

    def close(self) -> None:
        """Idempotent."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self) -> None:
        version = self._client.server_version or ""
        if _release(version) < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            raise StoreError(
                f"{self.name} is ClickHouse {version}, which is too old: firsttoken needs {wanted} or newer"
            )
        with self.read() as reader:
            reader.check()


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _connect(address: Address) -> Client:
    try:
        return clickhouse_connect.get_client(  # pyright: ignore[reportUnknownMemberType]
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            database=address.database,
            secure=address.is_secure,
            client_name="firsttoken",
            connect_timeout=CONNECT_S,
            send_receive_timeout=ANSWER_S,
            autogenerate_session_id=False,
            query_limit=0,
        )
    except Error as error:
        raise StoreError(explain(address, error)) from None  # its cause quotes what was sent
