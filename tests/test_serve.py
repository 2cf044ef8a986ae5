"""The local half as a whole: starts, refuses, is killed, stops cleanly."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from patience import is_done_within
from receive.sending import PROTOBUF, context, post, request_of, span_of
from serving import SERVE, serving
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from store.samples import SMALLEST_CALL, rows_in

from firsttoken import analyse
from firsttoken.errors import PortInUseError, ServerError, SettingsError
from firsttoken.serve import Server, ServeSettings, bind
from firsttoken.store import Store

ANY = ServeSettings(grpc_port=0, http_port=0, page_port=0)
NO_PAGE = ServeSettings(grpc_port=0, http_port=0, page_port=None)


def send_calls(endpoint: str, count: int = 1) -> int:
    """The status of the answer."""
    body = request_of(*(span_of(SMALLEST_CALL, context()) for _ in range(count))).SerializeToString()
    return post(endpoint, "/v1/traces", body, PROTOBUF).status


def test_the_page_shows_what_the_receiver_took() -> None:
    with Store.open(None) as store, Server(store, ANY) as server:
        assert send_calls(server.ports.http_endpoint) == 200
        with urlopen(f"{server.ports.page_url}api/answers/report") as answer:
            assert json.load(answer)["totals"]["calls"] == 1


def test_another_page_can_take_its_place() -> None:
    with Store.open(None) as store:
        app = Starlette(routes=[Route("/", lambda _: PlainTextResponse(f"{server.health().spans} spans"))])
        server = Server(store, ANY, page_app=lambda *_: app)
        with server, urlopen(server.ports.page_url or "") as answer:
            assert answer.read() == b"0 spans"


def test_connections_made_between_binding_and_starting_are_served() -> None:
    bound = bind(NO_PAGE)
    statuses: list[int] = []
    sending = threading.Thread(target=lambda: statuses.append(send_calls(bound.http_endpoint)))
    sending.start()
    with Store.open(None) as store, Server(store, NO_PAGE, bound=bound):
        sending.join(30)
    assert statuses == [200]


def test_health_says_where_the_server_listens_and_what_came() -> None:
    with Store.open(None) as store, Server(store, NO_PAGE) as server:
        send_calls(server.ports.http_endpoint)
        health = server.health()
    assert (health.spans, health.refused_requests, health.store_failure) == (1, {}, None)
    assert (health.grpc_endpoint, health.http_endpoint, health.page_url) == (
        server.ports.grpc_endpoint,
        server.ports.http_endpoint,
        None,
    )


def test_a_server_that_was_not_started_has_no_ports_but_health() -> None:
    with Store.open(None) as store:
        server = Server(store, NO_PAGE)
        server.stop()
        assert server.health().spans == 0
        with pytest.raises(ServerError, match="start it first"):
            _ = server.ports


def test_a_second_server_on_the_same_port_is_refused() -> None:
    with Store.open(None) as store, Server(store, NO_PAGE) as server:
        for option, endpoint in (("grpc_port", server.ports.grpc_endpoint), ("http_port", server.ports.http_endpoint)):
            taken = ServeSettings(**{"grpc_port": 0, "http_port": 0} | {option: int(endpoint.rpartition(":")[2])})
            with pytest.raises(PortInUseError, match=f"process {os.getpid()}"):
                Server(store, taken).start()


def test_a_host_that_others_can_reach_is_refused() -> None:
    with Store.open(None) as store, pytest.raises(SettingsError, match="needs a token"):
        Server(store, ServeSettings(host="0.0.0.0")).start()


def test_a_page_that_does_not_start_is_an_error_and_the_ports_are_free_again() -> None:
    def broken(*_: object) -> Starlette:
        raise RuntimeError("no template")

    with Store.open(None) as store:
        server = Server(store, ANY, page_app=broken)
        with pytest.raises(ServerError, match="the server did not start: RuntimeError"):
            server.start()
        server.stop()
        assert server.ports.http.fileno() == -1


@pytest.mark.parametrize("path", ["events", "api/hold"])
def test_stopping_ends_live_views_at_once(path: str) -> None:
    def took_s() -> float:
        with Store.open(None) as store:
            server = Server(store, ANY)
            server.start()
            with urlopen(f"{server.ports.page_url}{path}") as live:
                assert live.readline()
                began = time.perf_counter()
                server.stop()
                took_s = time.perf_counter() - began
                live.read()
        return took_s

    assert is_done_within(2, took_s)


def test_ports_are_free_after_the_stop_and_the_store_is_still_open() -> None:
    with Store.open(None) as store:
        with Server(store, NO_PAGE) as server:
            send_calls(server.ports.http_endpoint)
            http_port = int(server.ports.http_address.rpartition(":")[2])
            grpc_port = int(server.ports.grpc_address.rpartition(":")[2])
        server.stop()
        with closing(bind(ServeSettings(grpc_port=grpc_port, http_port=http_port, page_port=None))):
            assert len(analyse.recent_calls(store)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly_and_keeps_what_came(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "calls.duckdb"
    with serving(path) as (process, endpoint):
        assert send_calls(endpoint) == 200
        process.send_signal(number)
        said, complained = process.communicate(timeout=30)
    assert (process.returncode, said, complained) == (0, "stopped\n", "")
    assert rows_in(path) == {"calls": 1, "spans": 0, "logs": 0}
    assert not path.with_name("calls.duckdb.wal").exists()


def test_a_second_process_on_the_same_store_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "calls.duckdb"
    with serving(path) as (first, endpoint):
        second = subprocess.run([sys.executable, "-c", SERVE, str(path)], capture_output=True, text=True, check=False)
        assert f"the store {path} is in use by process {first.pid} (" in second.stderr.splitlines()[-1]
        assert send_calls(endpoint) == 200


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process is set as Linux does it")
def test_a_full_disk_is_unavailable_and_the_server_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "calls.duckdb"
    with serving(path) as (process, endpoint):
        statuses = [send_calls(endpoint)]
        for limit_bytes in (path.stat().st_size, resource.RLIM_INFINITY):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
            statuses.append(send_calls(endpoint, 2000))
        process.terminate()
        _, complained = process.communicate(timeout=30)
    assert statuses == [200, 503, 200]
    assert complained.splitlines() == [
        f"the disk is full, so nothing can be written to the store {path}: free some space",
        f"writing to the store {path} works again",
    ]
