"""Requests through every client that the adapter takes: the provider's own arguments, and its answer as events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openai
import pytest
from installed import needs, part_of
from observe.clients import CLIENTS, Client
from observe.program import PROGRAMS, Program

from adapter.over_loopback import ASKED, SDKS, WIRES, ask, stream_through
from adapter.reading import completed, text_of
from firsttoken.adapter.chat import ChatWire
from firsttoken.adapter.events import ReasoningDelta, UsageReported
from firsttoken.adapter.wire import Said
from firsttoken.call import Usage
from firsttoken.testing import Answer, ProviderServer, ToolCall

USAGE = Usage(240, 40, cache_read_tokens=200, cache_write_tokens=30, reasoning_tokens=15)
ANSWER = Answer(
    reasoning=("Hm", ", so"),
    text=("naïve", " \n", "😀"),
    tool_calls=(ToolCall("f", ('{"a"', ": 1}"), id="c1"), ToolCall("g", id="c2")),
    usage=USAGE,
    id="answer-1",
    model="served",
)
EVERY_WIRE = pytest.mark.parametrize(
    "wire", ["chat", pytest.param("responses", marks=needs("openai.resources.responses")), "messages"]
)
WIRE_OF = {"openai": "chat", "anthropic": "messages"}


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(lambda _: ANSWER) as running:
        yield running


def test_every_wire_knows_the_clients_of_its_sdk_and_no_others(program: Program, server: ProviderServer) -> None:
    clients = {sdk: program.client(sdk, server) for sdk in ("openai", "anthropic")}
    try:
        for name, wire in WIRES.items():
            own = clients.pop(SDKS[name])
            part_of(own, name)
            for client in (own, own.with_options(timeout=3), own.copy()):
                assert wire.fits(client)
                assert (program.name == "async") == wire.is_async(client)
            assert not any(wire.fits(client) for client in clients.values())
            clients[SDKS[name]] = own
    finally:
        for client in clients.values():
            program.run(program.close(client))


class Lookalike:
    """Has the methods, and is no client of the SDK."""

    def __init__(self) -> None:
        self.chat = self.completions = self.messages = self.responses = self

    def create(self, **arguments: Any) -> Any:
        raise AssertionError("must not be called")


@pytest.mark.parametrize(
    "other",
    [None, "openai", object(), Lookalike(), openai, openai.OpenAI],
    ids=["None", "a name", "an object", "a lookalike", "the module", "the class"],
)
def test_what_is_no_client_of_an_sdk_fits_no_wire(other: object) -> None:
    assert not any(wire.fits(other) for wire in WIRES.values())


def test_a_subclass_of_the_users_fits(server: ProviderServer) -> None:
    class Ours(openai.OpenAI):
        pass

    with Ours(api_key="key", base_url=server.openai_base_url) as client:
        assert WIRES["chat"].fits(client)


def test_who_speaks_both_of_openais_wires_says_which_by_the_arguments() -> None:
    fitting = {name: [other for other, wire in WIRES.items() if wire.fits_arguments(ASKED[name])] for name in WIRES}
    assert fitting == {"chat": ["chat", "messages"], "responses": ["responses"], "messages": ["chat", "messages"]}


def _assert_whole(said: Said, name: str) -> None:
    assert said.text == "naïve \n😀"
    assert [thought.text for thought in said.reasoning] == ["Hm, so"]
    calls = [(call.id, call.name, call.arguments, call.valid_json) for call in said.tool_calls]
    assert calls == [("c1", "f", '{"a": 1}', True), ("c2", "g", "{}", True)]
    assert (said.response.id, said.response.model, said.finished) == ("answer-1", "served", True)
    assert said.usage is not None
    assert (said.usage.input_tokens, said.usage.output_tokens, said.usage.cache_read_tokens) == (240, 40, 200)
    assert ("msg_answer-1" if name == "responses" else None) == said.message_id


@EVERY_WIRE
def test_an_answer_arrives_whole_by_its_events(wire: str, program: Program, server: ProviderServer) -> None:
    events, said = ask(wire, program, server, ASKED[wire])
    assert (text_of(events), text_of(events, ReasoningDelta)) == ("naïve \n😀", "Hm, so")
    assert completed(events) == [("f", '{"a": 1}', True), ("g", "{}", True)]
    assert said.usage == [event.usage for event in events if isinstance(event, UsageReported)][-1]
    _assert_whole(said, wire)
    (request,) = server.requests
    assert request.body.pop("stream") is True
    asked_for_usage = request.body.pop("stream_options", None)
    assert ({"include_usage": True} if wire == "chat" else None) == asked_for_usage
    assert ASKED[wire] == request.body


@pytest.mark.parametrize(
    ("client", "program"),
    [
        pytest.param(client, program, id=f"{client.name} | {name}")
        for client in CLIENTS
        if client.is_offered and "module itself" not in client.name
        for name, program in PROGRAMS.items()
        if name not in client.not_in
    ],
)
def test_every_client_class_and_back_end_is_spoken_through(
    client: Client, program: Program, server: ProviderServer
) -> None:
    name = WIRE_OF[client.sdk]

    async def work() -> Said:
        made = client.make(program, server, {})
        try:
            assert WIRES[name].fits(made)
            return (await stream_through(WIRES[name], program, made, ASKED[name]))[1]
        finally:
            await program.close(made)

    _assert_whole(program.run(work()), name)


def test_betas_go_to_the_beta_resource(program: Program, server: ProviderServer) -> None:
    _, said = ask("messages", program, server, {**ASKED["messages"], "betas": ["context-1m"]})
    (request,) = server.requests
    assert request.headers["anthropic-beta"] == "context-1m"
    assert "betas" not in request.body
    _assert_whole(said, "messages")


SENT = {"include_usage": True}


@pytest.mark.parametrize(
    ("expected", "arguments"),
    [
        (SENT, {}),
        ({"include_usage": False}, {"stream_options": {"include_usage": False}}),
        ({"x": 1, **SENT}, {"stream_options": {"x": 1}}),
        (None, {"stream_options": None}),
        ({"y": 2}, {"extra_body": {"stream_options": {"y": 2}}}),
        (SENT, {"extra_body": {"top_k": 3}}),
        (SENT, {"stream": False}),
    ],
    ids=str,
)
def test_usage_is_asked_for_unless_the_caller_decides(
    server: ProviderServer, expected: Any, arguments: dict[str, Any]
) -> None:
    given = {**ASKED["chat"], **arguments}
    before = repr(given)
    ask("chat", PROGRAMS["sync"], server, given)
    (request,) = server.requests
    assert expected == request.body.get("stream_options")
    assert request.stream
    assert repr(given) == before


def test_a_server_that_refuses_to_be_asked_for_usage_is_not_asked(server: ProviderServer) -> None:
    wire, sync = ChatWire(ask_for_usage=False), PROGRAMS["sync"]
    with sync.client("openai", server) as client:
        _, said = sync.run(stream_through(wire, sync, client, ASKED["chat"]))
    assert "stream_options" not in server.requests[0].body
    assert (said.usage, said.text) == (None, "naïve \n😀")


def test_an_argument_that_is_left_out_by_the_sdks_own_word_stays_out(server: ProviderServer) -> None:
    left_out = getattr(openai, "omit", openai.NOT_GIVEN)
    ask("chat", PROGRAMS["sync"], server, {**ASKED["chat"], "stream_options": left_out})
    assert "stream_options" not in server.requests[0].body


@EVERY_WIRE
def test_of_nothing_nothing_is_said(wire: str) -> None:
    assert Said() == WIRES[wire].reader(()).said()


def test_an_answer_without_usage_has_none(server: ProviderServer) -> None:
    server.enqueue(replace(ANSWER, usage=None))
    assert ask("chat", PROGRAMS["sync"], server, ASKED["chat"])[1].usage is None
