"""The server sees exactly what was sent, understands what it can, and says what it cannot."""

from __future__ import annotations

import json
import socket
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import AzureOpenAI

from firsttoken.testing import DefaultScript, ProviderServer, ReceivedRequest, Reply, text_answer
from firsttoken.testing.plan import plan
from firsttoken.testing.wire import WIRES
from testing.callers import ANTHROPIC, MESSAGES, OPENAI, OPENAI_STREAM, openai_client, openai_whole


class Recorder(httpx2.HTTPTransport):
    """Sends requests on and keeps them."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.sent: list[httpx2.Request] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        return super().handle_request(request)


def talk(server: ProviderServer, sent: bytes) -> bytes:
    """What the server says to these bytes before it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_what_is_recorded_is_what_the_sdks_sent(server: ProviderServer) -> None:
    recorder = Recorder()
    http = httpx2.Client(transport=recorder)
    openai.OpenAI(base_url=server.openai_base_url, api_key="k", http_client=http).chat.completions.create(**OPENAI)
    anthropic.Anthropic(base_url=server.anthropic_base_url, api_key="k", http_client=http).messages.create(**ANTHROPIC)
    http.close()
    assert [(sent.method, sent.url.path, dict(sent.headers), sent.content) for sent in recorder.sent] == [
        (request.method, request.path, dict(request.headers), request.content) for request in server.requests
    ]
    assert [request.body for request in server.requests] == [json.loads(sent.content) for sent in recorder.sent]


def test_a_path_of_azure_is_a_chat_completion(server: ProviderServer) -> None:
    server.enqueue(text_answer("Hi"))
    with AzureOpenAI(azure_endpoint=server.base_url, api_key="k", api_version="2024-10-21") as client:
        assert client.chat.completions.create(model="mine", messages=MESSAGES).choices[0].message.content == "Hi"
    (request,) = server.requests
    assert (request.path, request.query) == ("/openai/deployments/mine/chat/completions", "api-version=2024-10-21")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/chat/completions"), ("POST", "/v1/responses/resp_1"), ("GET", "/"), ("PUT", "/v1/messages")],
)
def test_an_unknown_path_is_not_found(server: ProviderServer, method: str, path: str) -> None:
    reply = httpx2.request(method, f"{server.base_url}{path}")
    message = f"Unknown request URL: {method} {path}."
    assert (reply.status_code, reply.json()["error"]["message"]) == (404, message)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b"{}", b'{"model": "gpt-4o"}', b'{"messages": []}', b"[" * 100_000],
    ids=["empty", "half", "list", "null", "binary", "no fields", "no messages", "no model", "deep"],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_body_that_is_no_request_is_a_bad_request(server: ProviderServer, path: str, content: bytes) -> None:
    assert httpx2.post(f"{server.base_url}{path}", content=content).status_code == 400
    assert server.requests[0].content == content


ODD_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["none", "auto", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "function", "name", "parameters", "properties", "items", "$ref", "enum", "schema"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
ODD_BODIES = st.dictionaries(
    st.sampled_from(["tools", "tool_choice", "thinking", "response_format", "max_tokens", "n", "stream_options"]),
    ODD_VALUES,
)


@settings(max_examples=200, deadline=None)
@given(body=ODD_BODIES, stream=st.booleans(), last=ODD_VALUES)
def test_the_default_script_has_an_answer_to_any_body(body: dict[str, Any], stream: bool, last: Any) -> None:
    content = {"model": "gpt-4o", "messages": [last], "stream": stream, **body}
    received = ReceivedRequest(
        number=1,
        serial="1",
        method="POST",
        path="/v1/messages",
        query="",
        headers={},
        content=json.dumps(content).encode(),
        body=content,
    )
    for wire in WIRES:
        assert plan(DefaultScript(pace=1.0)(received), received, wire)


@pytest.mark.parametrize(
    "sent", [b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00" * 20, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n"]
)
def test_something_else_than_http_is_refused_and_the_next_request_works(server: ProviderServer, sent: bytes) -> None:
    assert talk(server, sent).startswith(b"HTTP/1.1 400 ")
    assert openai_whole(server).finish_reason == "stop"
    assert len(server.requests) == 1


@pytest.mark.parametrize("sent", [b"", b"POST /v1/messages HTTP/1.1\r\n"])
def test_a_client_that_says_too_little_is_forgotten(server: ProviderServer, sent: bytes) -> None:
    assert not talk(server, sent).startswith(b"HTTP/1.1 2")
    assert server.requests == ()


def test_half_a_body_is_no_request(server: ProviderServer) -> None:
    talk(server, b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
    assert server.requests == ()


def test_one_connection_carries_many_requests(server: ProviderServer) -> None:
    ports: list[object] = []
    with openai_client(server) as client:
        for _ in range(3):
            raw = client.chat.completions.with_raw_response.create(**OPENAI)
            ports.append(raw.http_response.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(set(ports)) == 1
    assert len(server.requests) == 3


def test_requests_can_be_waited_for(server: ProviderServer) -> None:
    with pytest.raises(TimeoutError, match=r"requests so far: \[\]"):
        server.wait_for_requests(1, timeout_s=0.01)
    openai_whole(server)
    assert server.wait_for_requests(1) == server.requests


def test_a_script_decides_by_the_request() -> None:
    def script(request: ReceivedRequest) -> Reply:
        return text_answer(f"{request.number} {request.model} {request.stream}")

    with ProviderServer(script) as server, openai_client(server) as client:
        server.enqueue(text_answer("queued"))
        answers = [client.chat.completions.create(**OPENAI).choices[0].message.content for _ in range(2)]
        stream = list(client.chat.completions.create(**OPENAI_STREAM))
    assert answers == ["queued", "2 gpt-4o False"]
    assert stream[1].choices[0].delta.content == "3 gpt-4o True"


def test_a_script_that_raises_is_told_to_the_client_and_to_the_test() -> None:
    def script(request: ReceivedRequest) -> Reply:
        raise LookupError("no such answer")

    server = ProviderServer(script)
    with pytest.raises(LookupError, match="no such answer"), server, openai_client(server) as client:  # noqa: PT012
        with pytest.raises(openai.InternalServerError, match="no such answer"):
            client.chat.completions.create(**OPENAI)
        assert len(server.requests) == 1


def test_an_error_of_the_test_is_not_hidden_by_one_of_the_script() -> None:
    def script(request: ReceivedRequest) -> Reply:
        raise LookupError("no such answer")

    with pytest.raises(openai.InternalServerError) as raised, ProviderServer(script) as server:
        openai_whole(server)
    assert raised.value.__notes__ == ["the provider server's script raised LookupError('no such answer')"]
