"""Chunks in both forms in which they come: as an SDK makes them, with its models and unvalidated, and as dicts."""

from __future__ import annotations

import json
from typing import Any

import anthropic._models
import openai._models
from anthropic.types import RawMessageStreamEvent
from installed import found
from openai.types import Completion
from openai.types.chat import ChatCompletionChunk

Json = dict[str, Any]
RESPONSE_EVENT = "openai.types.responses.ResponseStreamEvent"


def chat_object(chunk: Json) -> Any:
    return openai._models.construct_type(value=chunk, type_=ChatCompletionChunk)


def completion_object(chunk: Json) -> Any:
    return openai._models.construct_type(value=chunk, type_=Completion)


def response_object(event: Json) -> Any:
    return openai._models.construct_type(value=event, type_=found(RESPONSE_EVENT))


def message_object(event: Json) -> Any:
    return anthropic._models.construct_type(value=event, type_=RawMessageStreamEvent)


def decoded(chunk: Json) -> Any:
    return json.loads(json.dumps(chunk))
