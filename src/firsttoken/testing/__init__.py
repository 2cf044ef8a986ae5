"""Public test kit: a provider server that speaks the real wire formats, captured telemetry, and a clock to set.

Imports neither provider SDK. `firsttoken.testing.workload`, which drives both, is run by its own name.
"""

from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.clock import FakeClock
from firsttoken.testing.default_script import DefaultScript
from firsttoken.testing.delivery import Cut, Delivery
from firsttoken.testing.failure import ErrorAnswer, NoAnswer, RawAnswer
from firsttoken.testing.gate import Gate, Pause
from firsttoken.testing.prebuilt import (
    cached_answer,
    reasoning_answer,
    text_answer,
    tool_call_answer,
    truncated_answer,
    unmetered_answer,
)
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.scenarios import SCENARIO_HEADER
from firsttoken.testing.script import Reply, Script
from firsttoken.testing.server import ProviderServer
from firsttoken.testing.telemetry import (
    CapturedLog,
    CapturedPoint,
    CapturedSpan,
    CapturedSpanEvent,
    CapturedTelemetry,
)
from firsttoken.testing.wire.anthropic import PING
from firsttoken.testing.wire.openai import DONE
from firsttoken.testing.wire.sse import comment, data_event, named_event

__all__ = [
    "DONE",
    "PING",
    "SCENARIO_HEADER",
    "Answer",
    "CapturedLog",
    "CapturedPoint",
    "CapturedSpan",
    "CapturedSpanEvent",
    "CapturedTelemetry",
    "Cut",
    "DefaultScript",
    "Delivery",
    "ErrorAnswer",
    "FakeClock",
    "Gate",
    "NoAnswer",
    "Pause",
    "ProviderServer",
    "RawAnswer",
    "ReceivedRequest",
    "Reply",
    "Script",
    "ToolCall",
    "cached_answer",
    "comment",
    "data_event",
    "named_event",
    "reasoning_answer",
    "text_answer",
    "tool_call_answer",
    "truncated_answer",
    "unmetered_answer",
]
