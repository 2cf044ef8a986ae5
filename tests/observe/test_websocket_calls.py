"""What is recorded of a response over a WebSocket, whichever way its request went out, and what is left alone."""

from __future__ import annotations

import importlib.util
import json
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final

import openai
import pytest
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.guard import troubles
from firsttoken.instrumentation import PATCHES
from firsttoken.observe import current, failure, recording
from firsttoken.observe.seam import Seam
from firsttoken.observe.websocket import lanes, talk, turn, watching
from firsttoken.providers.sdk import OPENAI, SocketSeam
from firsttoken.semconv.read_messages import read_content
from firsttoken.testing import (
    CapturedTelemetry,
    Cut,
    Delivery,
    ErrorAnswer,
    Gate,
    ProviderServer,
    RawAnswer,
)
from observe.asking import using
from observe.program import Program
from observe.socket_ends import ANSWER, ASKED, EVENTS, LAST
from observe.watching import shown

Instrumented = Callable[..., AbstractContextManager[None]]

responses = pytest.importorskip("openai.resources.responses.responses")
if not hasattr(responses, "ResponsesConnection"):
    pytest.skip("no WebSockets in this version", allow_module_level=True)

has_sessions = importlib.util.find_spec("openai.lib.responses_websocket") is not None
can_queue = pytest.mark.skipif(
    not hasattr(responses.ResponsesConnectionManager, "send"), reason="this version queues nothing"
)


async def ask(program: Program, connection: Any, **more: Any) -> None:
    await program.get(connection.response.create(**{**ASKED, **more}))


async def hear_out(program: Program, connection: Any) -> list[Any]:
    events: list[Any] = []
    while not events or events[-1].type not in LAST:
        events.append(await program.get(connection.recv()))
    return events


async def answered(program: Program, client: Any, **more: Any) -> list[Any]:
    """The events of one response on a connection of its own."""
    manager = client.responses.connect()
    connection = await program.enter(manager)
    await ask(program, connection, **more)
    events = await hear_out(program, connection)
    await program.leave(manager)
    return events


def test_a_response_has_all_that_one_over_http_has(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def over_http(client: Any) -> None:
        stream = await program.get(client.responses.create(**ASKED, temperature=0.5, stream=True))
        events = program.iterate(stream)
        for _ in range(EVENTS):
            await program.next(events)
        await program.next(events)

    async def over_socket(client: Any) -> None:
        await answered(program, client, temperature=0.5)

    with ProviderServer(lambda request: ANSWER) as server, instrumented():
        using(program, "openai", server, over_http)
        using(program, "openai", server, over_socket)
    http, socket = telemetry.spans
    measured = {
        "time_to_headers",
        "time_to_first",
        "time_to_last",
        "gap",
        "wait",
        "per_second",
        "request_id",
        "rate_limit",
    }

    def told(span: Any) -> dict[str, Any]:
        return {name: value for name, value in span["attributes"].items() if not any(word in name for word in measured)}

    left_out = {"http.response.status_code"}  # It is that of the answer, and a message has none.
    assert {name: value for name, value in told(http).items() if name not in left_out} == told(socket)
    assert str(socket["attributes"]["firsttoken.response.request_id"]).startswith("req_")
    assert (http["name"], http["kind"]) == (socket["name"], socket["kind"])
    assert socket["attributes"]["firsttoken.time_to_first_token"] > 0


def test_what_was_asked_and_answered_is_captured(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        await answered(program, client, instructions="Be brief.")

    with ProviderServer(lambda request: ANSWER) as server, instrumented(Settings(capture_content="SPAN_ONLY")):
        using(program, "openai", server, work)
    (span,) = telemetry.spans
    content = read_content(span["attributes"])
    assert content is not None
    texts = json.dumps([str(message) for message in (*content.system, *content.input, *content.output)])
    assert all(said in texts for said in ("Be brief.", "Say something.", "One two."))


def test_the_span_is_a_child_of_where_the_request_was_sent_and_of_nothing_else(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("test")
    within: list[Any] = []

    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        with tracer.start_as_current_span("first"):
            await ask(program, connection)
            within.append(trace.get_current_span().get_span_context().span_id)
        with tracer.start_as_current_span("second"):
            await ask(program, connection)
            await hear_out(program, connection)
            within.append(trace.get_current_span().get_span_context().span_id)
        with tracer.start_as_current_span("reader"):
            await hear_out(program, connection)
        await program.leave(manager)

    with ProviderServer(lambda request: ANSWER) as server, instrumented():
        using(program, "openai", server, work)
    spans = telemetry.spans
    ids = {span["name"]: span["span_id"] for span in spans}
    calls = [span for span in spans if span["name"] == "chat gpt-4o"]
    assert [ids["first"], ids["second"]] == [span["parent_span_id"] for span in calls]
    assert [ids["first"], ids["second"]] == [format(span_id, "016x") for span_id in within]
    assert all(span["parent_span_id"] is None for span in spans if span not in calls)


def test_a_request_that_is_not_to_be_observed_keeps_its_place_in_the_order(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        with suppress_instrumentation():
            await ask(program, connection, model="hidden")
        await ask(program, connection, model="seen")
        await hear_out(program, connection)
        await hear_out(program, connection)
        await program.leave(manager)

    with ProviderServer(lambda request: replace(ANSWER, id=None)) as server, instrumented():
        using(program, "openai", server, work)
    (span,) = telemetry.spans
    assert span["attributes"]["gen_ai.response.model"] == "seen"
    assert span["attributes"]["firsttoken.chunk.count"] == EVENTS


def test_connections_are_observed_that_were_open_before_and_left_alone_afterwards(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        await ask(program, connection, model="before")
        await hear_out(program, connection)
        with instrumented():
            await ask(program, connection, model="observed")
            await hear_out(program, connection)
            await ask(program, connection, model="running on")
        await hear_out(program, connection)
        await ask(program, connection, model="after")
        await hear_out(program, connection)
        await program.leave(manager)

    with ProviderServer(lambda request: ANSWER) as server:
        using(program, "openai", server, work)
    assert firsttoken.flush(PATIENCE_S)
    models = [span["attributes"]["gen_ai.request.model"] for span in telemetry.spans]
    assert models == ["observed", "running on"]


def test_what_the_classes_had_is_restored(program: Program, instrumented: Instrumented) -> None:
    watched = [
        getattr(responses, name)
        for name in ("ResponsesConnection", "AsyncResponsesConnection", "ResponsesConnectionManager")
    ]
    before = [dict(vars(cls)) for cls in watched]
    with instrumented():
        assert before != [dict(vars(cls)) for cls in watched]
    assert before == [dict(vars(cls)) for cls in watched]


def test_two_connections_do_not_mix(program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented) -> None:
    async def work(client: Any) -> None:
        managers = [client.responses.connect(), client.responses.connect()]
        one, other = [await program.enter(manager) for manager in managers]
        await ask(program, one, model="one")
        await ask(program, other, model="other")
        await hear_out(program, other)
        await hear_out(program, one)
        for manager in managers:
            await program.leave(manager)

    with ProviderServer(lambda request: replace(ANSWER, id=None)) as server, instrumented():
        using(program, "openai", server, work)
    assert [
        (span["attributes"]["gen_ai.request.model"], span["attributes"]["gen_ai.response.model"])
        for span in telemetry.spans
    ] == [("other", "other"), ("one", "one")]


def test_one_thread_sends_and_another_receives(telemetry: CapturedTelemetry, instrumented: Instrumented) -> None:
    count = 20
    with ProviderServer(lambda request: replace(ANSWER, id=None)) as server, instrumented():
        client = openai.OpenAI(api_key="key", base_url=server.openai_base_url)
        with client.responses.connect() as connection:

            def send() -> None:
                for number in range(count):
                    connection.response.create(**{**ASKED, "model": f"model-{number}"})

            sender = threading.Thread(target=send)
            sender.start()
            ended = 0
            while ended < count:
                ended += connection.recv().type in LAST
            sender.join()
        client.close()
    assert [(f"model-{number}",) * 2 for number in range(count)] == [
        (span["attributes"]["gen_ai.request.model"], span["attributes"]["gen_ai.response.model"])
        for span in telemetry.spans
    ]


@pytest.mark.skipif(not hasattr(openai.OpenAI, "beta"), reason="no beta API")
def test_connections_of_the_beta_api_are_observed_too(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        if not hasattr(getattr(client.beta, "responses", None), "connect"):
            pytest.skip("no WebSockets in this version")
        manager = client.beta.responses.connect()
        connection = await program.enter(manager)
        await ask(program, connection)
        await hear_out(program, connection)
        await program.leave(manager)

    with ProviderServer(lambda request: ANSWER) as server, instrumented():
        using(program, "openai", server, work)
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["completed"]


def test_the_client_says_who_answers(telemetry: CapturedTelemetry, instrumented: Instrumented) -> None:
    with ProviderServer(lambda request: ANSWER) as server, instrumented():
        client = openai.AzureOpenAI(api_key="key", api_version="v1", azure_endpoint=server.base_url)
        with client.responses.connect() as connection:
            connection.response.create(**ASKED)
            while connection.recv().type not in LAST:
                pass
        client.close()
    (span,) = telemetry.spans
    assert {
        "gen_ai.provider.name": "azure.ai.openai",
        "server.address": "127.0.0.1",
        "server.port": server.port,
    } == {name: span["attributes"][name] for name in ("gen_ai.provider.name", "server.address", "server.port")}


def test_the_users_own_names_hold_for_sockets(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer(lambda request: ANSWER) as server:
        settings = Settings(providers={f"127.0.0.1:{server.port}": "vllm"})
        with instrumented(settings):
            using(program, "openai", server, lambda client: answered(program, client))
    (span,) = telemetry.spans
    assert span["attributes"]["gen_ai.provider.name"] == "vllm"


@can_queue
def test_a_request_that_was_queued_before_the_connection_was_open_is_observed(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        manager = client.responses.connect()
        manager.send({"type": "response.create", **ASKED})
        connection = await program.enter(manager)
        await hear_out(program, connection)
        await program.leave(manager)

    with ProviderServer(lambda request: ANSWER) as server, instrumented():
        using(program, "openai", server, work)
    assert [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans] == ["completed"]


@can_queue
def test_a_connection_that_is_made_again_goes_on_being_observed(
    telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer() as server, instrumented():
        server.enqueue(replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.RESET)), ANSWER)
        client = openai.AzureOpenAI(api_key="key", api_version="v1", azure_endpoint=server.base_url)

        def ask_again(event: object) -> None:
            connection.response.create(**{**ASKED, "model": "gpt-4o-mini"})

        with client.responses.connect(on_reconnecting=ask_again, initial_delay=0.01) as connection:
            connection.response.create(**ASKED)
            for event in connection:
                if event.type in LAST:
                    break
        client.close()
    assert [
        (span["attributes"]["gen_ai.request.model"], span["attributes"]["firsttoken.outcome"])
        for span in telemetry.spans
    ] == [("gpt-4o", "failed"), ("gpt-4o-mini", "completed")]
    assert {"azure.ai.openai"} == {span["attributes"]["gen_ai.provider.name"] for span in telemetry.spans}


def event_of(kind: str, response_id: str, status: str, **more: Any) -> bytes:
    response = {"id": response_id, "object": "response", "model": "gpt-4o", "status": status, "output": [], **more}
    return json.dumps({"type": f"response.{kind}", "response": response}).encode()


@pytest.mark.skipif(not hasattr(responses.ResponsesResponseResource, "steer"), reason="no steering in this version")
def test_a_response_that_the_provider_begins_by_itself_is_a_call_of_its_own(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    tracer, gate = telemetry.tracer_provider.get_tracer("test"), Gate()
    usage = {"input_tokens": 7, "output_tokens": 5}
    steered = RawAnswer(
        chunks=(
            event_of("created", "resp_1", "in_progress"),
            event_of("incomplete", "resp_1", "incomplete", incomplete_details={"reason": "steered"}, usage=usage),
            event_of("created", "resp_2", "in_progress", previous_response_id="resp_1"),
            event_of("completed", "resp_2", "completed", previous_response_id="resp_1", usage=usage),
        ),
        delivery=Delivery(before={1: gate}),
    )

    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        with tracer.start_as_current_span("asking"):
            await ask(program, connection, temperature=0.5)
        await program.get(connection.recv())
        await program.get(connection.response.steer(input="Be quick.", previous_response_id="resp_1"))
        gate.open()
        for _ in range(3):
            await program.get(connection.recv())
        await program.leave(manager)

    with ProviderServer(lambda request: steered) as server, instrumented(Settings(capture_content="SPAN_ONLY")):
        using(program, "openai", server, work)
        assert server.requests[1].body["type"] == "response.steer"
    first, second = [span for span in telemetry.spans if span["name"] == "chat gpt-4o"]
    assert [
        (span["attributes"]["gen_ai.response.id"], span["attributes"]["gen_ai.response.finish_reasons"])
        for span in (first, second)
    ] == [("resp_1", ("steered",)), ("resp_2", ("stop",))]
    assert [span["attributes"]["gen_ai.usage.output_tokens"] for span in (first, second)] == [5, 5]
    assert first["parent_span_id"] == second["parent_span_id"]
    assert abs(second["start_unix_ns"] - first["end_unix_ns"]) < 1_000_000
    assert second["attributes"]["gen_ai.request.temperature"] == 0.5
    assert second["attributes"]["gen_ai.request.previous_response.id"] == "resp_1"
    content = read_content(second["attributes"])
    assert content is not None
    assert "Be quick." in str(content.input)


@pytest.mark.skipif(not has_sessions, reason="no sessions in this version")
def test_the_lanes_of_a_session_are_observed(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        connection = await program.enter(client.responses.connect())
        session = sessions[program.name](connection, limits=limits)
        await program.enter(session)
        lane = session.lane("named")
        await program.get(lane.send({"type": "response.create", **ASKED, "model": "on a lane"}))
        await program.get(session.default.send({"type": "response.create", **ASKED, "model": "by default"}))
        for held in (lane, session.default):
            await program.get(held.get_final_response())
        await program.leave(session)

    from openai.lib import responses_websocket

    sessions = {
        "sync": responses_websocket.ResponsesWebSocketSession,
        "async": responses_websocket.AsyncResponsesWebSocketSession,
    }
    limits = responses_websocket.ResponsesWebSocketLimits(
        max_lanes=4, max_events_per_lane=99, max_events=99, max_bytes_per_lane=10**6, max_bytes=10**6
    )
    with ProviderServer(lambda request: replace(ANSWER, id=None)) as server, instrumented():
        using(program, "openai", server, work)
    assert {("on a lane", "completed"), ("by default", "completed")} == {
        (span["attributes"]["gen_ai.response.model"], span["attributes"]["firsttoken.outcome"])
        for span in telemetry.spans
    }


def test_a_refusal_is_judged_by_its_status_and_says_how_long_to_wait(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    refusal = ErrorAnswer(status=429, code="slow_down_please", headers={"Retry-After": "2", "x-request-id": "req_7"})
    with ProviderServer(lambda request: refusal) as server, instrumented():
        using(program, "openai", server, lambda client: answered(program, client))
    (span,) = telemetry.spans
    told = {
        "firsttoken.error.category": "rate_limit",
        "firsttoken.error.stage": "headers",
        "firsttoken.response.request_id": "req_7",
        "http.response.status_code": 429,
    }
    assert told == {name: span["attributes"].get(name) for name in told}


def fault(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("a bug of ours")


STEPS: Final[dict[str, tuple[Any, str]]] = {
    "read a message": (talk, "decoded"),
    "observe a message": (Seam, "observe_message"),
    "say where it goes": (talk, "address_of"),
    "begin a turn": (turn.Turn, "begin"),
    "find the turn": (lanes.Lanes, "turn_of"),
    "take in an event": (turn.Turn, "take"),
    "make the span current": (current, "context"),
    "judge an error": (talk, "closed_cleanly"),
    "keep an error": (failure, "error_type"),
    "watch a socket": (watching, "talk_on"),
    "take in a chunk": (recording.Recording, "chunk"),
    "end a call": (recording.Recording, "finish"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_bug_of_ours_is_invisible_to_the_caller(
    step: str, program: Program, instrumented: Instrumented, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(client: Any) -> list[Any]:
        events = [shown(event) for event in await answered(program, client)]
        manager = client.responses.connect()
        connection = await program.enter(manager)
        await ask(program, connection)
        with pytest.raises(Exception) as raised:  # noqa: PT011  its class is that of websockets
            await hear_out(program, connection)
        await program.leave(manager)
        return [*events, type(raised.value).__name__]

    def run() -> list[Any]:
        with ProviderServer() as server:
            server.enqueue(ANSWER, replace(ANSWER, delivery=Delivery(stop_after=2, stop_by=Cut.RESET)))
            return using(program, "openai", server, work)

    bare = run()
    with instrumented(), monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], fault)
        before = sum(troubles.values())
        assert bare == run()
        assert before < sum(troubles.values())


def test_a_version_whose_connections_we_do_not_know_is_left_alone_with_one_warning(
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    module = "openai.resources.responses.responses"
    changed = replace(OPENAI, sockets=(SocketSeam(module, since="2.22", socket="_moved"),))
    monkeypatch.setattr(PATCHES["openai"], "sdk", changed)
    with (
        ProviderServer(lambda request: ANSWER) as server,
        caplog.at_level(logging.WARNING, "firsttoken"),
        instrumented(),
    ):
        client = openai.OpenAI(api_key="key", base_url=server.openai_base_url)
        with client.responses.connect() as connection:
            connection.response.create(**ASKED)
            connection.recv()
        client.responses.create(**ASKED)
        client.close()
    assert len(telemetry.spans) == 1
    (message,) = [record.getMessage() for record in caplog.records if record.name == "firsttoken"]
    assert "does not observe WebSockets of openai" in message
    assert module in message


def test_a_version_that_need_not_have_connections_is_no_reason_for_a_warning(
    instrumented: Instrumented, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    changed = replace(OPENAI, sockets=(SocketSeam("openai.resources.responses", since="99", socket="_moved"),))
    monkeypatch.setattr(PATCHES["openai"], "sdk", changed)
    with caplog.at_level(logging.WARNING, "firsttoken"), instrumented():
        pass
    assert [record.getMessage() for record in caplog.records if record.name == "firsttoken"] == []
