"""Streams as the wires send them, in both forms in which a tally meets them: the SDK's objects and plain dicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import anthropic._models
import openai._models
import pytest
from anthropic.types import RawMessageStreamEvent
from installed import found, needs
from openai.types import Completion
from openai.types.chat import ChatCompletionChunk

import firsttoken
from firsttoken.guard import troubles
from firsttoken.providers.anthropic_messages import MessageTally
from firsttoken.providers.openai_chat import ChatTally
from firsttoken.providers.wire import Reading
from firsttoken.testing import CapturedTelemetry
from providers.observing import observe

Json = dict[str, Any]
Build = Callable[[Json], Any]
RESPONSE_EVENT = "openai.types.responses.ResponseStreamEvent"


def _as_openai_object(chunk: Json) -> Any:
    """The way the SDK itself makes chunks: with its models, and without validation."""
    return openai._models.construct_type(value=chunk, type_=ChatCompletionChunk)


def _as_completion(chunk: Json) -> Any:
    return openai._models.construct_type(value=chunk, type_=Completion)


def _as_response_event(event: Json) -> Any:
    return openai._models.construct_type(value=event, type_=found(RESPONSE_EVENT))


def _as_anthropic_object(event: Json) -> Any:
    return anthropic._models.construct_type(value=event, type_=RawMessageStreamEvent)


def _as_dict(chunk: Json) -> Any:
    return json.loads(json.dumps(chunk))


@pytest.fixture(params=[_as_openai_object, _as_dict], ids=["object", "dict"])
def chat_chunk(request: pytest.FixtureRequest) -> Build:
    """Makes the chunk that a caller of the SDK would be handed."""
    return request.param


@pytest.fixture(params=[_as_completion, _as_dict], ids=["object", "dict"])
def completion_chunk(request: pytest.FixtureRequest) -> Build:
    return request.param


@pytest.fixture(
    params=[pytest.param(_as_response_event, marks=needs(RESPONSE_EVENT)), _as_dict], ids=["object", "dict"]
)
def response_event(request: pytest.FixtureRequest) -> Build:
    return request.param


@pytest.fixture(params=[_as_anthropic_object, _as_dict], ids=["object", "dict"])
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
