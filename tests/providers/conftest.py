"""Streams as the wires send them, in both forms in which a tally meets them: the SDK's objects and plain dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from installed import needs
from observing import observe
from sdk_objects import RESPONSE_EVENT, chat_object, completion_object, decoded, message_object, response_object

import firsttoken
from firsttoken.guard import troubles
from firsttoken.providers.anthropic_messages import MessageTally
from firsttoken.providers.openai_chat import ChatTally
from firsttoken.providers.wire import Reading
from firsttoken.testing import CapturedTelemetry

Json = dict[str, Any]
Build = Callable[[Json], Any]


@pytest.fixture(params=[chat_object, decoded], ids=["object", "dict"])
def chat_chunk(request: pytest.FixtureRequest) -> Build:
    """Makes the chunk that a caller of the SDK would be handed."""
    return request.param


@pytest.fixture(params=[completion_object, decoded], ids=["object", "dict"])
def completion_chunk(request: pytest.FixtureRequest) -> Build:
    return request.param


@pytest.fixture(params=[pytest.param(response_object, marks=needs(RESPONSE_EVENT)), decoded], ids=["object", "dict"])
def response_event(request: pytest.FixtureRequest) -> Build:
    return request.param


@pytest.fixture(params=[message_object, decoded], ids=["object", "dict"])
def message_event(request: pytest.FixtureRequest) -> Build:
    return request.param


@pytest.fixture
def read_chat(chat_chunk: Build) -> Callable[..., Reading]:
    """What a tally says after these chunks."""

    def read(*chunks: Json) -> Reading:
        tally = ChatTally()
        for chunk in chunks:
            tally.note(chat_chunk(chunk))
        return tally.reading()

    return read


@pytest.fixture
def read_message(message_event: Build) -> Callable[..., Reading]:
    def read(*events: Json) -> Reading:
        tally = MessageTally()
        for event in events:
            tally.note(message_event(event))
        return tally.reading()

    return read


@pytest.fixture
def observed() -> Iterator[CapturedTelemetry]:
    """What comes out of a program that runs meanwhile, in which nothing of ours failed."""
    troubles.clear()
    with CapturedTelemetry() as telemetry:
        observe(telemetry)
        yield telemetry
        firsttoken.uninstrument()
    assert not troubles
