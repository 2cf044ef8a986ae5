"""Where the answers of a command come from: a running server, else the store itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from firsttoken.access import VARIABLE
from firsttoken.analyse.asking import Answer, AnswerT, OptionsT, answered
from firsttoken.cli.options import PAGE_PORT, StorePlace, default_store_path
from firsttoken.cli.running import find_server, no_server
from firsttoken.errors import StoreError, StoreInUseError
from firsttoken.store import Store, Warehouse

if TYPE_CHECKING:
    import pyarrow as pa

    from firsttoken.analyse.exporting import ExportOptions
    from firsttoken.analyse.stating import Statement


class Source(Protocol):
    """Answers about calls. All methods raise FirstTokenError."""

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT: ...

    def export(self, options: ExportOptions) -> AbstractContextManager[pa.RecordBatchReader]: ...

    def state(self, statement: Statement) -> AbstractContextManager[pa.RecordBatchReader]: ...


class OpenWarehouse:
    """Calls that this process reads itself."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT:
        return answered(answer, self._warehouse, options)

    def export(self, options: ExportOptions) -> AbstractContextManager[pa.RecordBatchReader]:
        from firsttoken.analyse.exporting import exported

        return exported(self._warehouse, options)

    def state(self, statement: Statement) -> AbstractContextManager[pa.RecordBatchReader]:
        from firsttoken.analyse.stating import stated

        return stated(self._warehouse, statement)


@contextmanager
def open_source(store: StorePlace | None, page_port: int | None) -> Generator[Source]:
    """The server that has the store open, else the store. None stands for the usual place.

    Raises ServerError where a port was named and no firsttoken answers there; StoreError where there is no store.
    """
    if isinstance(store, str):
        from firsttoken.clickhouse import ClickHouse

        with ClickHouse.open(store) as warehouse:
            yield OpenWarehouse(warehouse)
        return
    with _open_file(store, page_port) as source:
        yield source


@contextmanager
def _open_file(store_path: Path | None, page_port: int | None) -> Generator[Source]:
    server = find_server(PAGE_PORT if page_port is None else page_port)
    if server is None and page_port is not None and store_path is None:
        raise no_server(page_port)
    if server is not None and (store_path is None or server.keeps(store_path)):
        yield server
        return
    path = store_path or default_store_path()
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet: record some calls with firsttoken run -- python app.py")
    with _opened(path) as store:
        yield OpenWarehouse(store)


def _opened(path: Path) -> Store:
    """Raises StoreError."""
    try:
        return Store.open(path, read_only=True)
    except StoreInUseError as error:
        raise StoreError(
            f"{error}; a firsttoken server is asked with --page-port, its page's port, and {VARIABLE} if it has a token"
        ) from error
