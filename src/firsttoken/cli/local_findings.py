"""The local half on this machine: the server that runs, or the store that it would open."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from firsttoken import analyse
from firsttoken.analyse import Health
from firsttoken.cli.options import PAGE_PORT, default_store_path
from firsttoken.cli.running import RunningServer, ask_status
from firsttoken.cli.running_answers import HOST
from firsttoken.diagnosis import Finding, kinds
from firsttoken.diagnosis.finding import counted
from firsttoken.errors import OlderStoreError, ServerError, StoreError
from firsttoken.page.status import PRODUCT
from firsttoken.store import Store

CONNECT_S = 1.0


def local_findings(store_path: Path | None, page_port: int | None) -> Iterator[Finding]:
    port = PAGE_PORT if page_port is None else page_port
    path = store_path or default_store_path()
    server = None
    if not _listens(port):
        yield kinds.SERVER_ABSENT.found(port=port)
    else:
        try:
            server = _server(port)
        except ServerError as error:
            yield kinds.SERVER_FOREIGN.found(port=port, reason=error)
    if server is not None:
        yield from _of_server(server)
    if server is None or not server.keeps(path):
        yield _of_store(path)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=CONNECT_S).close()
    except OSError:
        return False
    return True


def _server(port: int) -> RunningServer:
    status = ask_status(port)
    if status.product != PRODUCT:
        raise ServerError(f"it calls itself {status.product}")
    return RunningServer(port, status)


def _of_server(server: RunningServer) -> Iterator[Finding]:
    status, health = server.status, server.status.health
    yield kinds.SERVER_RUNS.found(
        version=status.version,
        pid=status.pid,
        received=_received(health),
        page=health.page_url,
        grpc=health.grpc_endpoint,
        http=health.http_endpoint,
    )
    if health.store_failure is not None:
        yield kinds.SERVER_STORE.found(reason=health.store_failure)
    for thing, refused in (("request", health.refused_requests), ("span or log record", health.refused_items)):
        for reason, number in refused.items():
            if number:
                yield kinds.SERVER_REFUSED.found(things=counted(number, thing), reason=reason)


def _received(health: Health) -> str:
    since = datetime.fromtimestamp(health.started_unix_ns / 1e9).strftime("%Y-%m-%d %H:%M")
    items = (
        counted(health.spans, "span"),
        counted(health.log_records, "log record"),
        counted(health.metric_points, "metric point"),
    )
    return f"{', '.join(items)} since {since}"


def _of_store(path: Path) -> Finding:
    if not path.exists():
        return kinds.STORE_ABSENT.found(store=path)
    try:
        with Store.open(path, read_only=True) as store:
            calls = analyse.report(store).totals.calls
    except OlderStoreError:
        return kinds.STORE_OLDER.found(store=path)
    except StoreError as error:
        return kinds.STORE_BROKEN.found(reason=error)
    return kinds.STORE_READS.found(store=path, calls=counted(calls, "call"))
