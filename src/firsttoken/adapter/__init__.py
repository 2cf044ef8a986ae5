"""One streaming interface over providers: every token when it arrives, and what happened at the end."""

from importlib import import_module
from typing import TYPE_CHECKING

from firsttoken.adapter.adapter import StreamAdapter
from firsttoken.adapter.ask import Ask, AskMessage, AskTool, ToolCallAsked
from firsttoken.adapter.chat import ChatWire
from firsttoken.adapter.common_error import llm_error
from firsttoken.adapter.events import (
    Event,
    Finished,
    Other,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolArgumentDelta,
    ToolCallComplete,
    ToolCallStarted,
    UsageReported,
)
from firsttoken.adapter.messages import MessagesWire
from firsttoken.adapter.registry import register_wire
from firsttoken.adapter.responses import ResponsesWire
from firsttoken.adapter.result import StreamResult, StreamTiming
from firsttoken.adapter.stream import Stream
from firsttoken.adapter.wire import AdapterWire, EventReader, Said

if TYPE_CHECKING:
    from firsttoken.adapter.async_stream import AsyncStream
    from firsttoken.adapter.growing_json import GrowingJson, Grown
    from firsttoken.adapter.log_probabilities import LogProbabilities, LogProbabilitySummary

__all__ = [
    "AdapterWire",
    "Ask",
    "AskMessage",
    "AskTool",
    "AsyncStream",
    "ChatWire",
    "Event",
    "EventReader",
    "Finished",
    "GrowingJson",
    "Grown",
    "LogProbabilities",
    "LogProbabilitySummary",
    "MessagesWire",
    "Other",
    "ReasoningDelta",
    "RefusalDelta",
    "ResponsesWire",
    "Said",
    "Stream",
    "StreamAdapter",
    "StreamResult",
    "StreamTiming",
    "TextDelta",
    "ToolArgumentDelta",
    "ToolCallAsked",
    "ToolCallComplete",
    "ToolCallStarted",
    "UsageReported",
    "llm_error",
    "register_wire",
]


HOMES = {
    "AsyncStream": "firsttoken.adapter.async_stream",
    "Grown": "firsttoken.adapter.growing_json",
    "GrowingJson": "firsttoken.adapter.growing_json",
    "LogProbabilities": "firsttoken.adapter.log_probabilities",
    "LogProbabilitySummary": "firsttoken.adapter.log_probabilities",
}
"""Imported when first used: few programs need them. AsyncStream stands on anyio besides, which both SDKs bring, and
a wire of one's own may not."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(HOMES[name]), name)
    return value
