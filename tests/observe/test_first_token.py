"""When the first token came, held against clock readings around what the provider was made to wait for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from firsttoken.testing import CapturedTelemetry, Delivery, Gate, ProviderServer, text_answer
from observe.asking import opened, using
from observe.program import DONE, Program

Instrumented = Callable[..., AbstractContextManager[None]]


@pytest.mark.parametrize(("sdk", "first_content"), [("openai", 1), ("anthropic", 2)])
def test_the_first_token_is_the_first_content_and_not_the_first_chunk(
    sdk: str,
    first_content: int,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    gate, seen, moments = Gate(), threading.Event(), dict[str, int]()
    server.enqueue(text_answer("One", delivery=Delivery(before={first_content: gate})))

    def let_it_go_on() -> None:
        gate.wait_until_reached()
        assert seen.wait(30)
        moments["let go on"] = time.perf_counter_ns()
        gate.open()

    async def ask(client: Any) -> None:
        threading.Thread(target=let_it_go_on).start()
        moments["asked"] = time.perf_counter_ns()
        iterator = program.iterate(await opened(program, client))
        for _ in range(first_content):
            await program.next(iterator)
        moments["before"] = time.perf_counter_ns()
        seen.set()
        await program.next(iterator)
        moments["read"] = time.perf_counter_ns()
        while await program.next(iterator) is not DONE:
            pass

    with instrumented():
        using(program, sdk, server, ask)
    (span,) = telemetry.spans
    told = span["attributes"]
    headers, chunk, token = (
        float(str(told[name])) * 1e9
        for name in (
            "firsttoken.time_to_headers",
            "gen_ai.response.time_to_first_chunk",
            "firsttoken.time_to_first_token",
        )
    )
    assert 0 < headers <= chunk < token <= moments["read"] - moments["asked"]
    assert token - chunk >= moments["let go on"] - moments["before"]
    (event,) = [event for event in span["events"] if event["name"] == "firsttoken.first_token"]
    assert event["time_unix_ns"] - span["start_unix_ns"] == round(token)
