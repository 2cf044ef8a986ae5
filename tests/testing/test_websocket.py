"""The provider server over a WebSocket: the same replies, message by message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect

from firsttoken.testing import SCENARIO_HEADER, Cut, Delivery, ErrorAnswer, Gate, NoAnswer, ProviderServer, text_answer

ASKED: Final = {"type": "response.create", "model": "gpt-4o", "input": "Say something."}
ANSWER: Final = text_answer("One", " two")
EVENTS: Final = 10


@contextmanager
def connected(server: ProviderServer, **headers: str) -> Iterator[ClientConnection]:
    url = server.openai_base_url.replace("http", "ws", 1)
    with connect(f"{url}/responses?v=1", additional_headers=headers) as socket:
        yield socket


def ask(socket: ClientConnection, **more: Any) -> None:
    socket.send(json.dumps({**ASKED, **more}))


def heard(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [json.loads(socket.recv(timeout=30)) for _ in range(count)]


def test_each_message_is_an_event_and_each_request_is_taken_down(server: ProviderServer) -> None:
    server.enqueue(ANSWER)
    with connected(server, authorization="Bearer key") as socket:
        ask(socket)
        events = heard(socket, EVENTS)
    assert [event["sequence_number"] for event in events] == list(range(EVENTS))
    assert (events[0]["type"], events[-1]["type"]) == ("response.created", "response.completed")
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == "One two"
    (request,) = server.wait_until_settled()
    assert (request.method, request.path, request.query) == ("WEBSOCKET", "/v1/responses", "v=1")
    assert (request.headers["authorization"], request.body, request.stream) == ("Bearer key", ASKED, True)
    assert (request.chunks_sent, request.client_disconnected) == (EVENTS, False)


def test_the_answer_to_the_opening_request_has_an_id(server: ProviderServer) -> None:
    with connected(server) as socket:
        assert socket.response is not None
        assert socket.response.headers["x-request-id"].startswith("req_")


def test_requests_of_one_lane_wait_for_each_other_and_those_of_two_do_not(server: ProviderServer) -> None:
    gate = Gate()
    server.enqueue(replace(ANSWER, delivery=Delivery(before={2: gate})), ANSWER, ANSWER)
    with connected(server) as socket:
        ask(socket, stream_id="slow")
        assert [event["stream_id"] for event in heard(socket, 2)] == ["slow"] * 2
        ask(socket, stream_id="slow")
        ask(socket)
        assert not any("stream_id" in event for event in heard(socket, EVENTS))
        gate.open()
        rest = heard(socket, 2 * EVENTS - 2)
    assert [event["sequence_number"] for event in rest] == [*range(2, EVENTS), *range(EVENTS)]


def test_a_refusal_is_an_event_with_the_status_and_the_socket_goes_on(server: ProviderServer) -> None:
    server.enqueue(ErrorAnswer(status=429, headers={"retry-after": "2"}), ANSWER)
    with connected(server) as socket:
        ask(socket, stream_id="one")
        ask(socket, stream_id="one")
        refused, *events = heard(socket, 1 + EVENTS)
    assert (refused["type"], refused["status"], refused["stream_id"]) == ("error", 429, "one")
    assert {"code": "rate_limit_exceeded", "headers": {"retry-after": "2"}}.items() <= refused["error"].items()
    assert events[-1]["type"] == "response.completed"


def test_an_answer_breaks_off_with_an_error_that_is_numbered(server: ProviderServer) -> None:
    server.enqueue(replace(ANSWER, error=ErrorAnswer(message="It broke."), error_after=2))
    with connected(server) as socket:
        ask(socket)
        error = heard(socket, 3)[-1]
    assert (error["type"], error["error"]["message"]) == ("error", "It broke.")
    assert {"sequence_number"} <= error.keys()
    assert "status" not in error


@pytest.mark.parametrize(
    ("cut", "raised"),
    [(Cut.RESET, ConnectionClosedError), (Cut.CLOSE, ConnectionClosedError), (Cut.END, ConnectionClosedOK)],
)
def test_a_socket_is_cut_off_as_the_delivery_says(cut: Cut, raised: type[Exception], server: ProviderServer) -> None:
    gate = Gate()
    server.enqueue(replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=cut, before={2: gate})))
    with connected(server) as socket:
        ask(socket)
        heard(socket, 2)
        gate.open()
        with pytest.raises(raised):
            socket.recv(timeout=30)
    assert server.wait_until_settled()[0].chunks_sent == 2


def test_no_answer_is_a_lost_connection(server: ProviderServer) -> None:
    server.enqueue(NoAnswer())
    with connected(server) as socket:
        ask(socket)
        with pytest.raises(ConnectionClosedError):
            socket.recv(timeout=30)


def test_a_client_that_leaves_is_noticed(server: ProviderServer) -> None:
    server.enqueue(replace(ANSWER, delivery=Delivery(before={2: Gate()})))
    with connected(server) as socket:
        ask(socket)
        heard(socket, 2)
    (request,) = server.wait_until_settled()
    assert (request.chunks_sent, request.client_disconnected) == (2, True)


@pytest.mark.parametrize("message", ['{"type": "response.steer", "input": "x"}', "not JSON", "[]"])
def test_a_message_that_asks_for_nothing_is_taken_down_and_not_answered(message: str, server: ProviderServer) -> None:
    server.enqueue(ANSWER)
    with connected(server) as socket:
        socket.send(message)
        ask(socket)
        assert heard(socket, EVENTS)[0]["type"] == "response.created"
    first, _ = server.wait_until_settled(2)
    assert (first.content, first.chunks_sent) == (message.encode(), 0)


def test_a_message_in_fragments_is_one_request(server: ProviderServer) -> None:
    server.enqueue(ANSWER)
    text = json.dumps(ASKED)
    with connected(server) as socket:
        socket.send([text[:20], text[20:]])
        heard(socket, EVENTS)
    assert [request.body for request in server.requests] == [ASKED]


def test_the_default_script_answers_sockets_and_their_scenarios_too(server: ProviderServer) -> None:
    with connected(server, **{SCENARIO_HEADER: "rate-limit"}) as socket:
        ask(socket)
        assert heard(socket, 1)[0]["status"] == 429
    with connected(server) as socket:
        ask(socket)
        types = iter(lambda: heard(socket, 1)[0]["type"], "response.completed")  # Whoever leaves unread waits to close.
        assert next(types) == "response.created"
        assert len(list(types)) > 5


def test_a_script_that_raises_is_told_over_the_socket_and_raised_again() -> None:
    def script(request: object) -> Any:
        raise LookupError("no answer")

    server = ProviderServer(script)
    server.start()
    with connected(server) as socket:
        ask(socket)
        assert "the script raised" in heard(socket, 1)[0]["error"]["message"]
    with pytest.raises(LookupError, match="no answer"):
        server.stop()
