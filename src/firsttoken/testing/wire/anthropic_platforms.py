"""Messages as Claude's platforms speak it: Vertex AI under paths of its own, Bedrock in frames of its own as well."""

from __future__ import annotations

from dataclasses import replace

from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.anthropic import ANTHROPIC, events
from firsttoken.testing.wire.aws_event_stream import TYPE, event_frame, exception_frame

EXCEPTION = "internalServerException"
"""What Bedrock calls an error in mid-stream whose type nobody named."""


def framed_events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    return tuple(map(event_frame, events(answer, request)))


def framed_error(failed: ErrorAnswer, request: ReceivedRequest) -> bytes:
    del request
    return exception_frame(failed.type or EXCEPTION, failed.message or "The model failed.")


ANTHROPIC_ON_VERTEX = replace(ANTHROPIC, path=r"/publishers/anthropic/models/[^/]+:(streamR|r)awPredict")
ANTHROPIC_ON_BEDROCK = replace(ANTHROPIC, path="/model/[^/]+/invoke", events=None)
ANTHROPIC_STREAMED_ON_BEDROCK = replace(
    ANTHROPIC,
    path="/model/[^/]+/invoke-with-response-stream",
    events=framed_events,
    streams_always=True,
    stream_type=TYPE,
    error_event=framed_error,
)
