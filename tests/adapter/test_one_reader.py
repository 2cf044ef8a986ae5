"""A stream has one reader at a time, and what is asked of it by two at once is done once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage
from firsttoken.call import Outcome
from firsttoken.testing import Delivery, Gate, ProviderServer, text_answer

pytestmark = pytest.mark.usefixtures("adapters")

ASK = Ask("m", [AskMessage("user", "Hi")])


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def server(gate: Gate) -> Iterator[ProviderServer]:
    """Holds its answer back until the gate is open."""
    with ProviderServer() as running:
        running.enqueue(text_answer("One", delivery=Delivery(headers_after=gate)))
        yield running


@pytest.mark.parametrize("second", ["enter", "read"])
@pytest.mark.parametrize("first", ["enter", "read"])
def test_two_tasks_that_begin_a_stream_at_once_send_one_request(
    first: str, second: str, server: ProviderServer, gate: Gate
) -> None:
    async def work() -> list[Any]:
        async with AsyncOpenAI(api_key="key", base_url=server.openai_base_url) as client:
            stream = StreamAdapter(client).stream(ASK)
            begin = {"enter": stream.__aenter__, "read": stream.read}
            begun = asyncio.create_task(begin[first]())
            await asyncio.to_thread(gate.wait_until_reached)
            with pytest.raises(RuntimeError, match="one reader at a time"):
                await begin[second]()
            gate.open()
            await begun
            result = await stream
            return [result.text, result.outcome]

    assert [asyncio.run(work()), len(server.requests)] == [["One", Outcome.COMPLETED], 1]


@pytest.mark.parametrize("second", ["enter", "read"])
@pytest.mark.parametrize("first", ["enter", "read"])
def test_two_threads_that_begin_a_stream_at_once_send_one_request(
    first: str, second: str, server: ProviderServer, gate: Gate
) -> None:
    with OpenAI(api_key="key", base_url=server.openai_base_url) as client:
        stream = StreamAdapter(client).stream(ASK)
        begin = {"enter": stream.__enter__, "read": stream.read}
        thread = threading.Thread(target=begin[first])
        thread.start()
        gate.wait_until_reached()
        with pytest.raises(RuntimeError, match="one reader at a time"):
            begin[second]()
        gate.open()
        thread.join(30)
        result = stream.read()
    assert [result.text, result.outcome, len(server.requests)] == ["One", Outcome.COMPLETED, 1]


def test_a_reader_that_is_cancelled_as_the_stream_is_closed_gets_its_cancelling(
    server: ProviderServer, gate: Gate
) -> None:
    async def work() -> Outcome | None:
        async with AsyncOpenAI(api_key="key", base_url=server.openai_base_url) as client:
            stream = StreamAdapter(client).stream(ASK)
            reader = asyncio.create_task(stream.read())
            await asyncio.to_thread(gate.wait_until_reached)
            await stream.aclose()
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            return stream.result.outcome

    assert asyncio.run(work()) == Outcome.CLOSED
