"""How many calls run now, as a metric that costs no call anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import openai
import pytest
from observe.fixtures import server, telemetry
from observing import observe
from patience import PATIENCE_S

import firsttoken
from firsttoken.testing import CapturedPoint, CapturedTelemetry, Delivery, Gate, ProviderServer, text_answer

__all__ = ["server", "telemetry"]

ASKING: Any = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}], "stream": True}

Client = Callable[[], AbstractContextManager[openai.OpenAI]]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    firsttoken.uninstrument()


@pytest.fixture
def client(server: ProviderServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.base_url}/v1", api_key="none") as made:
        yield made


def point(telemetry: CapturedTelemetry) -> CapturedPoint:
    assert firsttoken.flush(PATIENCE_S)
    (found,) = telemetry.points_of("firsttoken.client.active_calls")
    return found


def test_the_first_call_counts_while_its_stream_is_read_and_no_more_once_it_has_ended(
    client: openai.OpenAI, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    observe(telemetry)
    with client.chat.completions.create(**ASKING) as stream:
        next(stream)
        running = point(telemetry)
    assert (running["value"], running["unit"]) == (1, "{call}")
    assert running["attributes"] == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "server.address": "127.0.0.1",
        "server.port": server.port,
    }
    assert point(telemetry)["value"] == 0


def test_a_call_that_waits_for_its_answer_counts_until_it_is_given_up(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    gates = [Gate() for _ in range(3)]
    server.enqueue(*[text_answer(delivery=Delivery(before={0: gate})) for gate in gates])
    observe(telemetry)

    async def first_chunk(client: openai.AsyncOpenAI) -> None:
        async with await client.chat.completions.create(**ASKING) as stream:
            await anext(aiter(stream))

    async def ask() -> list[float]:
        async with openai.AsyncOpenAI(base_url=f"{server.base_url}/v1", api_key="none") as client:
            calls = [asyncio.create_task(first_chunk(client)) for _ in gates]
            for gate in gates:
                await asyncio.to_thread(gate.wait_until_reached)
            before = await asyncio.to_thread(point, telemetry)
            calls[0].cancel()
            await asyncio.wait(calls[:1])
            after = await asyncio.to_thread(point, telemetry)
            for gate in gates:
                gate.open()
            await asyncio.wait(calls)
            return [before["value"], after["value"]]

    assert asyncio.run(ask()) == [3, 2]
    assert point(telemetry)["value"] == 0


def test_a_call_that_runs_over_a_change_of_settings_counts_once(
    client: openai.OpenAI, telemetry: CapturedTelemetry
) -> None:
    observe(telemetry)
    with client.chat.completions.create(**ASKING) as stream:
        next(stream)
        firsttoken.instrument(firsttoken.Settings(include_usage=True))
        observe(telemetry)
        with client.chat.completions.create(**ASKING):
            assert point(telemetry)["value"] == 2
        assert point(telemetry)["value"] == 1
    assert point(telemetry)["value"] == 0
