"""A caller who reads the bytes of an answer: one record with the right outcome, whichever way it ends."""

from __future__ import annotations

import gc
import gzip
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from firsttoken.testing import CapturedTelemetry, Cut, Delivery, ErrorAnswer, Gate, ProviderServer, text_answer
from firsttoken.testing.script import Reply
from observe.asking import using
from observe.program import DONE, Program
from observe.surfaces import REQUESTS, resource
from observe.watching import raised, reset_alike, sees

Instrumented = Callable[..., AbstractContextManager[None]]
Read = Callable[[Program, Any, Any, Callable[[object], None]], Awaitable[None]]

ANSWER = replace(text_answer("One", " two"), id="answer-1")
CUT = replace(ANSWER, delivery=Delivery(stop_after=3))
CUT_WHOLE = replace(ANSWER, delivery=Delivery(piece_bytes=(40,), stop_after=2))
ENDED = replace(ANSWER, delivery=Delivery(stop_after=3, stop_by=Cut.END))
HELD = replace(ANSWER, delivery=Delivery(before={2: Gate()}))


async def read_content(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    see(await program.get(response.read()))
    await program.leave(manager)


async def read_lines(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    lines = response.iter_lines()
    while (line := await program.next(lines)) is not DONE:
        see(line)
    await program.leave(manager)


async def read_and_kept_open(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    lines = response.iter_lines()
    while (line := await program.next(lines)) is not DONE:
        see(line)


async def read_one_line(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    lines = response.iter_lines()
    see(await program.next(lines))
    await program.leave(manager)


async def read_nothing(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    see(response.status_code)
    await program.leave(manager)


async def dropped(program: Program, response: Any, manager: Any, see: Callable[[object], None]) -> None:
    lines = response.iter_lines()
    see(await program.next(lines))


@dataclass(frozen=True, slots=True)
class Reading:
    """A way of reading, and how the call is then recorded."""

    name: str
    reply: Reply
    read: Read
    outcome: str
    stream: bool = False


READINGS = (
    Reading("read whole", ANSWER, read_content, "completed"),
    Reading("read by lines", ANSWER, read_lines, "completed"),
    Reading("nothing read", ANSWER, read_nothing, "closed"),
    Reading("cut", CUT_WHOLE, read_content, "failed"),
    Reading("a stream read whole", ANSWER, read_content, "completed", stream=True),
    Reading("a stream read by lines", ANSWER, read_lines, "completed", stream=True),
    Reading("a stream read and kept open", ANSWER, read_and_kept_open, "completed", stream=True),
    Reading("a stream left", HELD, read_one_line, "closed", stream=True),
    Reading("nothing of a stream read", ANSWER, read_nothing, "closed", stream=True),
    Reading("a stream dropped", HELD, dropped, "abandoned", stream=True),
    Reading("a stream cut", CUT, read_lines, "failed", stream=True),
    Reading("a stream that ends early", ENDED, read_lines, "failed", stream=True),
)


def watch(program: Program, sdk: str, reading: Reading) -> list[Any]:
    seen: list[Any] = []

    async def work(client: Any) -> None:
        ways = resource(client).with_streaming_response
        manager = ways.create(**REQUESTS[sdk], **({"stream": True} if reading.stream else {}))
        await reading.read(program, await program.enter(manager), manager, sees(seen))

    with ProviderServer(lambda request: reading.reply) as server:
        try:
            using(program, sdk, server, work)
        except Exception as error:  # noqa: BLE001  to be compared
            seen.append(raised(error))
    if reading.outcome == "abandoned":
        gc.collect()  # A response of httpx is in a cycle with its own stream.
    return reset_alike(seen)


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_reading_bytes_is_recorded_once_and_changes_nothing(
    reading: Reading, sdk: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    bare = watch(program, sdk, reading)
    with instrumented():
        assert watch(program, sdk, reading) == bare
    (span,) = telemetry.spans
    attributes = span["attributes"]
    assert reading.outcome == attributes["firsttoken.outcome"]
    if reading.outcome == "completed" and not (reading.stream and sdk == "openai"):
        assert attributes["gen_ai.usage.output_tokens"] == 2
    assert ("firsttoken.chunk.count" in attributes) == (reading.stream and reading.read is not read_nothing)


def test_a_compressed_answer_has_its_usage(
    program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    body = {"id": "answer-1", "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 2}}
    content = gzip.compress(json.dumps(body).encode())
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    reply = ErrorAnswer(status=200, content=content, headers=headers)
    with instrumented():
        (seen,) = watch(program, "openai", Reading("compressed", reply, read_content, "completed"))
    assert json.loads(seen) == body
    (span,) = telemetry.spans
    assert span["attributes"]["gen_ai.usage.output_tokens"] == 2


def test_a_raw_response_that_is_never_parsed_is_recorded(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(ANSWER)
    with instrumented():
        response = using(
            program,
            sdk,
            server,
            lambda client: program.get(resource(client).with_raw_response.create(**REQUESTS[sdk])),
        )
    assert response.status_code == 200
    (span,) = telemetry.spans
    assert {"firsttoken.outcome": "completed", "gen_ai.usage.output_tokens": 2}.items() <= span["attributes"].items()
