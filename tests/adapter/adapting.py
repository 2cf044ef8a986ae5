"""Streams of the adapter over the loopback server, in programs of every colour, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import pytest
from installed import needs
from observe.program import DONE, Program

from adapter.over_loopback import ASKED, SDKS
from firsttoken.adapter import Event, StreamAdapter, TextDelta
from firsttoken.testing import Answer, Delivery, Gate, ProviderServer

T = TypeVar("T")

WORDS: Final = ("Once", " upon", " a", " time")
EVERY_WIRE: Final = pytest.mark.parametrize(
    "wire", ["chat", pytest.param("responses", marks=needs("openai.resources.responses")), "messages"]
)
BEFORE_THE_SECOND_WORD: Final = {"chat": 2, "responses": 5, "messages": 4}
"""The number of the event that carries it: how much comes in front of it differs."""


def held(wire: str, gate: Gate) -> Answer:
    """Stops after its first word until the gate opens."""
    return Answer(text=WORDS, delivery=Delivery(before={BEFORE_THE_SECOND_WORD[wire]: gate}))


def with_client(
    wire: str, program: Program, server: ProviderServer, work: Callable[[Any], Awaitable[T]], **options: Any
) -> T:
    """Runs work with a client of the SDK that speaks the wire."""

    async def run() -> T:
        client = program.client(SDKS[wire], server, **options)
        try:
            return await work(client)
        finally:
            await program.close(client)

    return program.run(run())


def asked(wire: str) -> Mapping[str, Any]:
    return ASKED[wire]


def streaming(client: Any, wire: str, **options: Any) -> Any:
    """A stream that has not been entered."""
    return StreamAdapter(client).stream(asked(wire), **options)


async def first_word(program: Program, stream: Any) -> TextDelta:
    """Reads up to it."""
    while not isinstance(event := await program.next(stream), TextDelta):
        assert event is not DONE
    return event


async def drained(program: Program, stream: Any) -> list[Event]:
    """What is left."""
    events: list[Event] = []
    while (event := await program.next(stream)) is not DONE:
        events.append(event)
    return events
