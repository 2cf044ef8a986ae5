"""What a stream has said, put together from what the observer reads of it: its tally and its transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firsttoken.adapter.wire import Said
from firsttoken.call import Response
from firsttoken.call.content import Message, Reasoning, Text, ToolCall
from firsttoken.providers.wire import Reading


def said_so_far(reading: Reading, messages: Sequence[Message], message_id: str | None = None) -> Said:
    """Of several choices the first one's content, and the reasons of all."""
    parts = messages[0].parts if messages else ()
    return Said(
        text="".join(part.text for part in parts if isinstance(part, Text)),
        reasoning=tuple(part for part in parts if isinstance(part, Reasoning)),
        tool_calls=tuple(part for part in parts if isinstance(part, ToolCall)),
        parts=parts,
        response=_response(reading),
        usage=reading.usage,
        message_id=message_id,
        finished=reading.finished,
        failure=reading.failure,
    )


def _response(reading: Reading) -> Response:
    """A call that has ended without a reason says `error` for it; a stream may yet have one."""
    reasons = reading.response.finish_reasons or ()
    if reading.finished or set(reasons) != {"error"}:
        return reading.response
    return replace(reading.response, finish_reasons=None)
