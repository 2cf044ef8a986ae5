"""Anthropic Messages.

Source: Anthropic API reference, "Create a Message" and "Streaming messages".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from firsttoken.call import Parameters, Response, Usage
from firsttoken.providers.fields import count, get, like_sdk, number, text, texts, whole
from firsttoken.providers.wire import Reading, reported

EMPTY_BLOCKS: Final = frozenset({"text", "thinking"})
"""Blocks that open empty and get their content by deltas; every other block is content as it opens."""

THINKING: Final = frozenset({"thinking", "thinking_delta", "redacted_thinking"})
"""Blocks and deltas that carry reasoning, be it readable or encrypted."""

INPUT_COUNTS: Final = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "server_tool_use",
)
OUTPUT_COUNTS: Final = ("output_tokens", "output_tokens_details")

OUTPUT_TYPES: Final = {"json_schema": "json"}


@dataclass(frozen=True, slots=True)
class AnthropicMessages:
    """The wire of `POST /v1/messages`."""

    api: str = "anthropic.messages"
    operation: str = "chat"

    def parameters(self, body: Mapping[str, object]) -> Parameters:
        tier = text(body.get("service_tier"))
        output = get(body, "output_config", "format", "type") or get(body, "output_format", "type")
        return Parameters(
            max_tokens=whole(body.get("max_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            top_k=whole(body.get("top_k")),
            stop_sequences=texts(body.get("stop_sequences")),
            reasoning_level=text(get(body, "output_config", "effort")),
            output_type=OUTPUT_TYPES.get(str(output)),
            service_tier=tier if tier != "auto" else None,
        )

    def ask_for_usage(self, body: Mapping[str, object]) -> dict[str, object] | None:
        """Messages always report usage."""
        del body
        return None

    def is_usage_only(self, chunk: object) -> bool:
        del chunk
        return False

    def hide_question(self, chunk: object) -> None:
        del chunk

    def tally(self) -> MessageTally:
        return MessageTally()

    def read_answer(self, answer: object) -> Reading:
        reason = text(get(answer, "stop_reason"))
        return Reading(
            response=_response(answer, reason),
            usage=read_usage(get(answer, "usage")),
            finished=reason is not None,
        )


class MessageTally:
    """The opening message, and the last cumulative usage and stop reason."""

    __slots__ = ("_content_seen", "_final_usage", "_message", "_reasoning_seen", "_stop_reason")

    def __init__(self) -> None:
        self._message: object = None
        self._final_usage: object = None
        self._stop_reason: str | None = None
        self._content_seen = False
        self._reasoning_seen = False

    def note(self, chunk: Any) -> bool:
        if type(chunk) is dict:
            chunk = like_sdk(chunk)
        kind = chunk.type
        if kind == "content_block_delta":
            if not self._content_seen:
                self._see_content(get(chunk, "delta"), opens=False)
        elif kind == "content_block_start":
            if not self._content_seen:
                self._see_content(get(chunk, "content_block"), opens=True)
        elif kind == "message_delta":
            self._final_usage = get(chunk, "usage") or self._final_usage
            self._stop_reason = text(get(chunk, "delta", "stop_reason")) or self._stop_reason
        elif kind == "message_start":
            self._message = get(chunk, "message")
        return self._content_seen

    def _see_content(self, part: object, *, opens: bool) -> None:
        """Thinking comes before what it is for, so the first content tells whether it is shown."""
        kind = get(part, "type")
        self._content_seen = (opens and kind not in EMPTY_BLOCKS) or _has_content(part)
        self._reasoning_seen = self._content_seen and kind in THINKING

    def reading(self) -> Reading:
        """The counts of `message_delta` are cumulative and replace those of `message_start`, whose output
        count is a placeholder: a stream that is cut before `message_delta` has no true output count."""
        opened, final = get(self._message, "usage"), self._final_usage
        counts = {name: _latest(opened, final, name) for name in INPUT_COUNTS}
        usage = read_usage(counts | {name: get(final, name) for name in OUTPUT_COUNTS})
        finished = self._stop_reason is not None
        if usage is not None and (not finished or usage.output_tokens is None):
            usage = replace(usage, partial=True)
        response = _response(self._message, self._stop_reason)
        if usage is not None and usage.reasoning_tokens and not self._reasoning_seen:
            response = replace(response, hidden_reasoning=True)
        return Reading(response=response, usage=usage, finished=finished)


def read_usage(usage: object) -> Usage | None:
    """The input total is the sum of the three parts that Anthropic counts apart (conventions, Anthropic refinement)."""
    uncached = count(get(usage, "input_tokens"))
    cache_read = count(get(usage, "cache_read_input_tokens"))
    cache_write = count(get(usage, "cache_creation_input_tokens"))
    return reported(
        Usage(
            input_tokens=None if uncached is None else uncached + (cache_read or 0) + (cache_write or 0),
            output_tokens=count(get(usage, "output_tokens")),
            cache_read_tokens=cache_read,
            cache_write_tokens=cache_write,
            cache_write_5m_tokens=count(get(usage, "cache_creation", "ephemeral_5m_input_tokens")),
            cache_write_1h_tokens=count(get(usage, "cache_creation", "ephemeral_1h_input_tokens")),
            reasoning_tokens=count(get(usage, "output_tokens_details", "thinking_tokens")),
            web_search_requests=count(get(usage, "server_tool_use", "web_search_requests")),
            web_fetch_requests=count(get(usage, "server_tool_use", "web_fetch_requests")),
        )
    )


def _latest(opened: object, final: object, name: str) -> object:
    value = get(final, name)
    return value if value is not None else get(opened, name)


def _has_content(part: object) -> bool:
    return any(get(part, name) for name in ("text", "thinking", "partial_json", "data"))


def _response(message: object, stop_reason: str | None) -> Response:
    usage = get(message, "usage")
    return Response(
        id=text(get(message, "id")),
        model=text(get(message, "model")),
        finish_reasons=(stop_reason or "error",),
        service_tier=text(get(usage, "service_tier")),
        speed=text(get(usage, "speed")),
        inference_geo=text(get(usage, "inference_geo")),
    )
