"""A server starts, stops and refuses to start as it says, in sync and async programs and as a program of its own."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firsttoken.errors import PortInUseError
from firsttoken.testing import Delivery, Gate, NoAnswer, ProviderServer, text_answer
from firsttoken.testing.__main__ import main
from testing.callers import OPENAI_STREAM, async_openai_client, openai_client, openai_stream, openai_whole


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "firsttoken.testing", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def test_a_port_that_is_taken_is_an_error_that_names_it(server: ProviderServer) -> None:
    with pytest.raises(PortInUseError) as raised:
        ProviderServer(port=server.port).start()
    assert str(raised.value) == f"cannot listen on 127.0.0.1:{server.port} (Address already in use): choose another one"


def test_a_port_that_cannot_be_is_an_error() -> None:
    with pytest.raises(OverflowError):
        ProviderServer(port=99_999).start()


def test_a_server_that_never_started_can_be_stopped() -> None:
    ProviderServer().stop()


def test_a_server_can_be_stopped_twice_and_refuses_connections_after() -> None:
    server = ProviderServer()
    server.start()
    server.stop()
    server.stop()
    with pytest.raises(Exception, match="Connection error"):
        openai_whole(server)


def test_a_server_stops_while_replies_stand_at_gates_and_the_gates_can_still_be_opened() -> None:
    gate, failures = Gate(), list[Exception]()

    def call() -> None:
        try:
            openai_stream(server)
        except Exception as error:  # noqa: BLE001 - looked at below
            failures.append(error)

    with ProviderServer() as server:
        server.enqueue(
            text_answer("Hi", delivery=Delivery(headers_after=gate)), NoAnswer(delivery=Delivery(headers_after=gate))
        )
        threads = [threading.Thread(target=call) for _ in range(2)]
        for thread in threads:
            thread.start()
        server.wait_for_requests(2)
        gate.wait_until_reached()
    for thread in threads:
        thread.join(30)
    gate.open()
    assert len(failures) == 2
    assert [request.client_disconnected for request in server.requests] == [None, None]


def test_two_servers_at_once_do_not_know_each_other(server: ProviderServer) -> None:
    with ProviderServer() as other:
        server.enqueue(text_answer("one"))
        other.enqueue(text_answer("other"))
        assert [openai_whole(server).text, openai_whole(other).text] == ["one", "other"]
    assert (len(server.requests), len(other.requests)) == (1, 1)


def test_a_server_runs_beside_the_loop_of_an_async_program() -> None:
    async def main() -> str:
        with ProviderServer() as server:
            server.enqueue(text_answer("Hi"))
            async with async_openai_client(server) as client:
                stream = await client.chat.completions.create(**OPENAI_STREAM)
                pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        return "".join(pieces)

    assert asyncio.run(main()) == "Hi"


def test_addresses_are_those_that_the_sdks_want(server: ProviderServer) -> None:
    assert server.base_url == server.anthropic_base_url == f"http://127.0.0.1:{server.port}"
    assert server.openai_base_url == f"{server.base_url}/v1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_where_it_listens_and_ends_when_interrupted(number: signal.Signals) -> None:
    with program("--port", "0", "--pace", "0") as running:
        assert running.stdout is not None
        address = running.stdout.readline().split()[-1]
        listening = ProviderServer(port=int(address.rpartition(":")[2]))
        assert running.stdout.readline() == f"  OPENAI_BASE_URL={address}/v1\n"
        assert running.stdout.readline() == f"  ANTHROPIC_BASE_URL={address}\n"
        with openai_client(listening) as client:
            assert list(client.chat.completions.create(**OPENAI_STREAM))
        running.send_signal(number)
        assert running.wait(30) == 0
        assert running.stderr is not None
        assert running.stderr.read() == ""


def test_the_program_says_in_one_line_that_its_port_is_taken(server: ProviderServer) -> None:
    with program("--port", str(server.port)) as running:
        output, errors = running.communicate(timeout=30)
    assert (output, running.returncode) == ("", 1)
    assert errors == (
        f"firsttoken.testing: cannot listen on 127.0.0.1:{server.port} (Address already in use): choose another one\n"
    )


@pytest.mark.parametrize(("option", "value"), [("port", "-1"), ("port", "65536"), ("port", "x"), ("pace", "nan")])
def test_the_program_refuses_an_option_that_cannot_be(
    option: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["firsttoken.testing", f"--{option}={value}"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert capsys.readouterr().err.endswith(f"error: argument --{option}: invalid {option} value: '{value}'\n")
