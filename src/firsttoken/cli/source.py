"""Where `calls` and `report` get their answers: a running server, else the store's own file."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from firsttoken import analyse
from firsttoken.analyse import CallRow, Report
from firsttoken.cli.options import PAGE_PORT, default_store_path
from firsttoken.cli.running import find_server
from firsttoken.errors import ServerError, StoreError
from firsttoken.store import Store


class Source(Protocol):
    """Answers about calls. All methods raise FirstTokenError."""

    def calls(self, limit: int, run_id: str | None, where: Mapping[str, str]) -> list[CallRow]: ...

    def report(self, since_unix_ns: int | None, run_id: str | None, where: Mapping[str, str]) -> Report: ...


class StoreFile:
    """A store that no server has open."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def calls(self, limit: int, run_id: str | None, where: Mapping[str, str]) -> list[CallRow]:
        return analyse.recent_calls(self._store, limit=limit, run_id=run_id, where=where)

    def report(self, since_unix_ns: int | None, run_id: str | None, where: Mapping[str, str]) -> Report:
        return analyse.report(self._store, since_unix_ns=since_unix_ns, run_id=run_id, where=where)


@contextmanager
def open_source(store_path: Path | None, page_port: int | None) -> Generator[Source]:
    """The server that has the store open, else the store. None stands for the usual place.

    Raises ServerError where a port was named and no firsttoken answers there; StoreError where there is no store.
    """
    server = find_server(PAGE_PORT if page_port is None else page_port)
    if server is None and page_port is not None and store_path is None:
        raise ServerError(
            f"no firsttoken answers on port {page_port}: start one with firsttoken serve --page-port {page_port}"
        )
    if server is not None and (store_path is None or server.keeps(store_path)):
        yield server
        return
    path = store_path or default_store_path()
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet: record some calls with firsttoken run -- python app.py")
    with Store.open(path, read_only=True) as store:
        yield StoreFile(store)
