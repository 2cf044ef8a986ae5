"""One streaming interface over providers: every token when it arrives, and what happened at the end."""

from typing import TYPE_CHECKING

from firsttoken.adapter.adapter import StreamAdapter
from firsttoken.adapter.ask import Ask, AskMessage, AskTool, ToolCallAsked
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
from firsttoken.adapter.registry import register_wire
from firsttoken.adapter.result import StreamResult, StreamTiming
from firsttoken.adapter.stream import Stream
from firsttoken.adapter.wire import AdapterWire, EventReader, Said

if TYPE_CHECKING:
    from firsttoken.adapter.async_stream import AsyncStream

__all__ = [
    "AdapterWire",
    "Ask",
    "AskMessage",
    "AskTool",
    "AsyncStream",
    "Event",
    "EventReader",
    "Finished",
    "Other",
    "ReasoningDelta",
    "RefusalDelta",
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
    "register_wire",
]


def __getattr__(name: str) -> object:
    """AsyncStream, when it is first used: it needs anyio, which both SDKs bring and a wire of one's own may not."""
    if name != "AsyncStream":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from firsttoken.adapter.async_stream import AsyncStream

    return AsyncStream
