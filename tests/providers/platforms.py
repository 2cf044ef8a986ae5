"""What Claude's platforms put on the wire: Bedrock's event stream and Vertex's paths, around real Messages bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from installed import ANTHROPIC_HTTP

from firsttoken.call import Usage
from firsttoken.testing import Answer, ReceivedRequest
from firsttoken.testing.wire.anthropic import ANTHROPIC
from firsttoken.testing.wire.aws_event_stream import event_frame

MODEL = "claude-sonnet-4-6"
ANSWER = Answer(
    text=("A word", " and", " another."),
    usage=Usage(input_tokens=240, output_tokens=40, cache_read_tokens=200),
    id="msg_1",
    model=MODEL,
)
TEXT = "".join(ANSWER.text)
REQUEST_ID = "4a3c1f6e-platform"

Handler = Callable[[Any], Any]
"""From a request to the response, both of the SDK's HTTP library."""


def events(answer: Answer = ANSWER) -> tuple[bytes, ...]:
    return ANTHROPIC.events(answer, _received({"stream": True}))


def bedrock(request: Any) -> Any:
    """`POST /model/{model}/invoke` and `.../invoke-with-response-stream`."""
    headers = {"x-amzn-requestid": REQUEST_ID}
    if not request.url.path.endswith("/invoke-with-response-stream"):
        return ANTHROPIC_HTTP.Response(200, headers=headers, json=ANTHROPIC.whole(ANSWER, _received({})))
    headers["content-type"] = "application/vnd.amazon.eventstream"
    return ANTHROPIC_HTTP.Response(200, headers=headers, content=b"".join(map(event_frame, events())))


def vertex(request: Any) -> Any:
    """`POST .../publishers/anthropic/models/{model}:rawPredict` and `...:streamRawPredict`."""
    if not request.url.path.endswith(":streamRawPredict"):
        return ANTHROPIC_HTTP.Response(200, json=ANTHROPIC.whole(ANSWER, _received({})))
    return ANTHROPIC_HTTP.Response(200, headers={"content-type": "text/event-stream"}, content=b"".join(events()))


def messages(request: Any) -> Any:
    """Anthropic's own `POST /v1/messages`."""
    if not json.loads(request.content).get("stream"):
        return ANTHROPIC_HTTP.Response(
            200, headers={"request-id": REQUEST_ID}, json=ANTHROPIC.whole(ANSWER, _received({}))
        )
    headers = {"content-type": "text/event-stream", "request-id": REQUEST_ID}
    return ANTHROPIC_HTTP.Response(200, headers=headers, content=b"".join(events()))


def _received(body: dict[str, bool]) -> ReceivedRequest:
    return ReceivedRequest(
        number=1, serial="1", method="POST", path="", query="", headers={}, content=b"", body={"model": MODEL, **body}
    )
