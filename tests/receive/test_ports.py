"""Claiming ports: all or none, only on this machine, and a clear word about who has one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import psutil
import pytest
from patience import is_done_within

from firsttoken.access import Access, Token
from firsttoken.errors import PortInUseError, SettingsError
from firsttoken.hosts import is_loopback
from firsttoken.receive.ports import BoundPorts, ServeSettings, bind

ANY = ServeSettings(grpc_port=0, http_port=0, page_port=0)
OPTIONS = {"grpc_port": "--grpc-port", "http_port": "--http-port", "page_port": "--page-port"}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def settings_with(**ports: int) -> ServeSettings:
    return ServeSettings(**{"grpc_port": 0, "http_port": 0, "page_port": 0} | ports)


def claimed_by(bound: BoundPorts) -> list[socket.socket]:
    assert bound.page is not None
    return [bound.grpc, bound.http, *bound.page.sockets]


def test_any_free_ports_are_known_once_bound() -> None:
    with closing(bind(ANY)) as bound:
        ports = [sock.getsockname()[1] for sock in claimed_by(bound)]
        assert [bound.grpc_endpoint, bound.http_endpoint, bound.page_url] == [
            f"http://127.0.0.1:{ports[0]}",
            f"http://127.0.0.1:{ports[1]}",
            f"http://127.0.0.1:{ports[2]}/",
        ]


def test_without_a_page_there_is_no_page_address() -> None:
    with closing(bind(ServeSettings(grpc_port=0, http_port=0, page_port=None))) as bound:
        assert (bound.page, bound.page_url) == (None, None)


@pytest.mark.parametrize("which", OPTIONS)
def test_a_port_in_use_names_its_process_and_the_way_out(taken: int, which: str) -> None:
    with pytest.raises(PortInUseError) as refused:
        bind(settings_with(**{which: taken}))
    holder = f"{psutil.Process().name()} (process {os.getpid()})"
    assert str(refused.value) == (
        f"port {taken} on 127.0.0.1 is in use by {holder}: stop it, or choose another with {OPTIONS[which]}"
    )


def test_a_port_that_is_in_use_on_every_address_is_in_use() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listening, pytest.raises(PortInUseError):
        bind(settings_with(http_port=listening.getsockname()[1]))


def test_a_claim_is_exclusive_before_anything_serves_it() -> None:
    with closing(bind(ANY)) as bound:
        for claimed in claimed_by(bound):
            with pytest.raises(PortInUseError):
                bind(settings_with(grpc_port=claimed.getsockname()[1]))


def test_nothing_stays_claimed_when_one_port_cannot_be(taken: int) -> None:
    with closing(bind(ANY)) as bound:
        grpc_port = bound.grpc.getsockname()[1]
    with pytest.raises(PortInUseError):
        bind(settings_with(grpc_port=grpc_port, http_port=taken))
    bind(settings_with(grpc_port=grpc_port)).close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "", "127.0.0.1.example.com", "x.localhost"])
def test_another_host_than_loopback_is_refused_as_unsafe(host: str) -> None:
    with pytest.raises(SettingsError, match=r"is not this machine's loopback.*needs a token"):
        bind(ServeSettings(host=host, grpc_port=0, http_port=0, page_port=0))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "desk.example"])
def test_a_page_that_others_can_reach_is_refused_without_a_token(host: str) -> None:
    with pytest.raises(SettingsError, match="can be read by other machines: it needs a token"):
        bind(replace(ANY, page_host=host))


def test_a_page_that_listens_everywhere_is_called_by_the_name_that_this_machine_reaches_it_by() -> None:
    with closing(bind(replace(ANY, page_host="0.0.0.0", page_access=Access(Token.random())))) as bound:
        assert bound.page_url == f"http://127.0.0.1:{claimed_by(bound)[2].getsockname()[1]}/"


def test_a_page_with_an_address_of_its_own_is_on_loopback_too_at_the_same_port() -> None:
    address = own_address()
    with closing(bind(replace(ANY, page_host=address, page_access=Access(Token.random())))) as bound:
        inner, outer = (claimed.getsockname()[:2] for claimed in claimed_by(bound)[2:])
        assert (inner, outer) == (("127.0.0.1", inner[1]), (address, inner[1]))


def own_address() -> str:
    """One at which other machines could reach this one."""
    found = (
        each.address for network in psutil.net_if_addrs().values() for each in network if each.family == socket.AF_INET
    )
    for address in found:
        if not is_loopback(address):
            return address
    pytest.skip("this machine is on no network")


def test_a_name_that_nobody_has_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match=r"cannot listen on 'nobody.invalid'.*--page-host"):
        bind(replace(ANY, page_host="nobody.invalid", page_access=Access(Token.random())))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2"])
def test_loopback_goes_by_several_names(host: str) -> None:
    bind(ServeSettings(host=host, grpc_port=0, http_port=0, page_port=0)).close()


@pytest.mark.parametrize("port", [-1, 65_536, 10**20])
def test_a_port_that_is_none_is_a_settings_error(port: int) -> None:
    with pytest.raises(SettingsError, match="choose another with --http-port"):
        bind(settings_with(http_port=port))


def test_binding_needs_neither_the_server_nor_the_store() -> None:
    heavy = ("duckdb", "pyarrow", "grpc", "uvicorn", "starlette", "google.protobuf")
    script = (
        f"import sys; from firsttoken.receive import bind; print([name for name in {heavy} if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_binding_is_quick() -> None:
    def took_s() -> float:
        began = time.perf_counter()
        bind(ANY).close()
        return time.perf_counter() - began

    assert is_done_within(0.05, took_s)
