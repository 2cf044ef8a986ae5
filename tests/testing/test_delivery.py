"""Bytes that travel as a test wants them to: late, in odd pieces, with extras, and not all the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import anthropic
import httpx2
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.testing import (
    PING,
    Answer,
    Cut,
    Delivery,
    Gate,
    NoAnswer,
    ProviderServer,
    RawAnswer,
    comment,
    data_event,
    reasoning_answer,
    text_answer,
)
from testing.callers import (
    ANTHROPIC_STREAM,
    ANTHROPIC_STREAMS,
    CALLERS,
    OPENAI_STREAM,
    OPENAI_STREAMS,
    STREAMS,
    Caller,
    Seen,
    anthropic_client,
    async_openai_client,
    openai_client,
    openai_stream,
    seen_chunks,
    seen_events,
)

ANSWER = reasoning_answer("Grüß", " Gott", " → 令牌", reasoning=("Höflich", " sein"))
CONNECTION_ERRORS = (openai.APIConnectionError, anthropic.APIConnectionError, httpx2.TransportError)


def delivered(answer: Answer, delivery: Delivery) -> Answer:
    return replace(answer, delivery=delivery)


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_that_ends_before_any_reply_is_a_connection_error(
    server: ProviderServer, caller: Caller, reset: bool
) -> None:
    server.enqueue(NoAnswer(reset=reset))
    with pytest.raises(CONNECTION_ERRORS):
        caller(server)


@pytest.mark.parametrize("caller", STREAMS)
@pytest.mark.parametrize("cut", [Cut.RESET, Cut.CLOSE])
def test_a_stream_that_is_cut_is_an_error_of_the_connection(server: ProviderServer, caller: Caller, cut: Cut) -> None:
    server.enqueue(delivered(ANSWER, Delivery(stop_after=4, stop_by=cut)))
    with pytest.raises(CONNECTION_ERRORS):
        caller(server)
    (request,) = server.wait_until_settled()
    assert (request.chunks_sent, request.client_disconnected) == (4, False)


def test_the_chunks_before_a_cut_still_arrive(server: ProviderServer) -> None:
    server.enqueue(delivered(ANSWER, Delivery(stop_after=3, stop_by=Cut.RESET)))
    with openai_client(server) as client, client.chat.completions.create(**OPENAI_STREAM) as stream:
        assert len(list(islice(stream, 3))) == 3
        with pytest.raises(CONNECTION_ERRORS):
            next(stream)


@pytest.mark.parametrize("caller", STREAMS)
def test_a_body_can_end_properly_without_its_last_event(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(delivered(ANSWER, Delivery(stop_after=-1, stop_by=Cut.END)))
    assert caller(server).text == "Grüß Gott → 令牌"


@pytest.mark.parametrize("caller", STREAMS)
def test_a_stream_can_have_no_events_at_all(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(delivered(ANSWER, Delivery(stop_after=0, stop_by=Cut.END)), RawAnswer())
    assert [caller(server).text, caller(server).text] == ["", ""]


@pytest.mark.parametrize("caller", set(CALLERS) - set(STREAMS))
@pytest.mark.parametrize(("cut", "error"), [(Cut.RESET, CONNECTION_ERRORS), (Cut.CLOSE, CONNECTION_ERRORS)])
def test_a_whole_body_can_be_cut_in_the_middle(
    server: ProviderServer, caller: Caller, cut: Cut, error: tuple[type[Exception], ...]
) -> None:
    server.enqueue(delivered(ANSWER, Delivery(piece_bytes=(20,), stop_after=3, stop_by=cut)))
    with pytest.raises(error):
        caller(server)


def test_a_whole_body_can_be_too_short_without_saying_so(server: ProviderServer) -> None:
    server.enqueue(delivered(ANSWER, Delivery(piece_bytes=(20,), stop_after=3, stop_by=Cut.END)))
    reply = httpx2.post(f"{server.openai_base_url}/chat/completions", json={"model": "gpt-4o", "messages": []})
    assert (reply.headers["content-length"], len(reply.content)) == ("60", 60)


@pytest.fixture(scope="module")
def lasting_server() -> Iterator[ProviderServer]:
    """One for all examples of a property."""
    with ProviderServer() as running:
        yield running


@pytest.fixture(scope="module")
def asks(lasting_server: ProviderServer) -> Iterator[tuple[Callable[[], Seen], ...]]:
    """Both SDKs, ready to stream an answer."""
    with openai_client(lasting_server) as gpt, anthropic_client(lasting_server) as claude:
        yield (
            lambda: seen_chunks(gpt.chat.completions.create(**OPENAI_STREAM)),
            lambda: seen_events(claude.messages.create(**ANTHROPIC_STREAM)),
        )


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4).map(tuple))
def test_any_way_of_cutting_the_bytes_gives_the_same_answer(
    lasting_server: ProviderServer, asks: tuple[Callable[[], Seen], ...], sizes: tuple[int, ...]
) -> None:
    for ask in asks:
        lasting_server.enqueue(ANSWER, delivered(ANSWER, Delivery(piece_bytes=sizes)))
        assert ask() == ask()


@pytest.mark.parametrize("caller", CALLERS)
def test_single_bytes_give_the_same_answer(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(delivered(ANSWER, Delivery(piece_bytes=(1,))))
    assert caller(server).text == "Grüß Gott → 令牌"


def test_pieces_cut_through_characters(server: ProviderServer) -> None:
    server.enqueue(delivered(ANSWER, Delivery(piece_bytes=(1,))))
    with httpx2.stream("POST", f"{server.openai_base_url}/chat/completions", json=OPENAI_STREAM) as reply:
        pieces = list(reply.iter_raw())
    assert "ü".encode()[:1] in pieces
    assert "Grüß" in b"".join(pieces).decode()


@pytest.mark.parametrize("caller", STREAMS)
def test_comments_and_pings_are_invisible_to_the_caller(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(delivered(ANSWER, Delivery(insert={0: comment("OPENROUTER PROCESSING"), 3: comment("keep-alive")})))
    assert caller(server).text == "Grüß Gott → 令牌"


@pytest.mark.parametrize("caller", ANTHROPIC_STREAMS)
def test_a_message_stream_may_have_any_number_of_pings(server: ProviderServer, caller: Caller) -> None:
    server.enqueue(delivered(ANSWER, Delivery(insert={0: PING, 4: PING * 3})))
    assert caller(server).text == "Grüß Gott → 令牌"


def test_arbitrary_chunks_reach_the_caller_as_they_are(server: ProviderServer) -> None:
    odd = {"id": "x", "object": "chat.completion.chunk", "choices": None}
    server.enqueue(delivered(text_answer("Hi"), Delivery(insert={1: data_event(odd)})))
    with openai_client(server) as client:
        chunks = list(client.chat.completions.create(**OPENAI_STREAM))
    assert (chunks[1].id, chunks[1].choices) == ("x", None)


@pytest.mark.parametrize(
    "held",
    [
        lambda gate: Delivery(headers_after=gate),
        lambda gate: Delivery(first_after=gate),
        lambda gate: Delivery(each_after=gate),
        lambda gate: Delivery(before={3: gate}),
    ],
    ids=["headers", "first", "each", "before"],
)
@pytest.mark.parametrize("caller", STREAMS)
def test_a_reply_stands_at_a_gate_until_it_is_opened(
    server: ProviderServer, caller: Caller, held: Callable[[Gate], Delivery]
) -> None:
    gate, finished = Gate(), threading.Event()
    server.enqueue(delivered(ANSWER, held(gate)))

    def call() -> None:
        caller(server)
        finished.set()

    thread = threading.Thread(target=call)
    thread.start()
    gate.wait_until_reached()
    assert not finished.is_set()
    gate.open()
    thread.join(30)
    assert finished.is_set()


def test_what_was_sent_before_a_gate_has_arrived_when_it_is_reached(server: ProviderServer) -> None:
    gate = Gate()
    server.enqueue(delivered(text_answer("One", " two"), Delivery(before={2: gate})))
    with openai_client(server) as client, client.chat.completions.create(**OPENAI_STREAM) as stream:
        assert [chunk.choices[0].delta.content for chunk in islice(stream, 2)] == ["", "One"]
        gate.open()
        assert next(stream).choices[0].delta.content == " two"


def test_a_client_that_leaves_at_a_gate_is_noticed(server: ProviderServer) -> None:
    server.enqueue(delivered(ANSWER, Delivery(before={2: Gate()})))
    with openai_client(server) as client:
        stream = client.chat.completions.create(**OPENAI_STREAM)
        next(stream)
        stream.close()
    (request,) = server.wait_until_settled()
    assert (request.chunks_sent, request.client_disconnected) == (2, True)


def test_a_message_client_that_leaves_at_a_gate_is_noticed(server: ProviderServer) -> None:
    server.enqueue(delivered(ANSWER, Delivery(before={5: Gate()})))
    with anthropic_client(server) as client, client.messages.create(**ANTHROPIC_STREAM) as stream:
        next(stream)
    assert server.wait_until_settled()[0].client_disconnected is True


def test_a_client_that_gives_up_waiting_for_headers_is_noticed(server: ProviderServer) -> None:
    server.enqueue(NoAnswer(delivery=Delivery(headers_after=Gate())))
    with openai_client(server, timeout=0.05, max_retries=0) as client, pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(**OPENAI_STREAM)
    assert server.wait_until_settled()[0].client_disconnected is True


def test_a_cancelled_task_is_noticed_as_a_client_that_left(server: ProviderServer) -> None:
    gate = Gate()
    server.enqueue(delivered(ANSWER, Delivery(before={2: gate})))

    async def cancel() -> None:
        async with async_openai_client(server) as client:

            async def read() -> None:
                async for _ in await client.chat.completions.create(**OPENAI_STREAM):
                    pass

            reading = asyncio.create_task(read())
            await asyncio.to_thread(gate.wait_until_reached)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading

    asyncio.run(cancel())
    assert server.wait_until_settled()[0].client_disconnected is True


@pytest.mark.parametrize("caller", OPENAI_STREAMS)
def test_a_stream_read_to_its_end_is_no_disconnection(server: ProviderServer, caller: Caller) -> None:
    caller(server)
    assert server.wait_until_settled()[0].client_disconnected is False


def test_a_piece_of_no_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="no bytes would ever be sent"):
        Delivery(piece_bytes=(3, 0))


def test_opening_a_gate_twice_and_passing_it_again_is_harmless(server: ProviderServer) -> None:
    gate = Gate()
    gate.open()
    gate.open()
    server.enqueue(delivered(ANSWER, Delivery(each_after=gate, headers_after=gate)))
    assert openai_stream(server).text == "Grüß Gott → 令牌"


def test_a_gate_that_nobody_reaches_says_so() -> None:
    with pytest.raises(TimeoutError, match="no reply reached the gate within"):
        Gate().wait_until_reached(timeout_s=0.01)
