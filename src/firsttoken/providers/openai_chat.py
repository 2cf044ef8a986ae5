"""OpenAI Chat Completions, as OpenAI and every compatible server speak it.

Source: OpenAI API reference, "Create chat completion" and "The chat completion chunk object".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from firsttoken.call import Parameters, Response, Usage
from firsttoken.providers.fields import get, items, number, text, texts, whole
from firsttoken.providers.wire import Reading

CONTENT_FIELDS: Final = (
    "content",
    "tool_calls",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "refusal",
    "function_call",
    "audio",
)
"""What a delta may carry for the reader. `reasoning*` are extensions of compatible servers."""

OUTPUT_TYPES: Final = {"text": "text", "json_object": "json", "json_schema": "json"}


@dataclass(frozen=True, slots=True)
class OpenAIChat:
    """The wire of `POST /chat/completions`."""

    api: str = "openai.chat_completions"
    operation: str = "chat"

    def parameters(self, body: Mapping[str, object]) -> Parameters:
        choices, tier = whole(body.get("n")), text(body.get("service_tier"))
        limit = whole(body.get("max_completion_tokens"))
        return Parameters(
            max_tokens=limit if limit is not None else whole(body.get("max_tokens")),
            temperature=number(body.get("temperature")),
            top_p=number(body.get("top_p")),
            frequency_penalty=number(body.get("frequency_penalty")),
            presence_penalty=number(body.get("presence_penalty")),
            stop_sequences=texts(body.get("stop")),
            seed=whole(body.get("seed")),
            choice_count=choices if choices != 1 else None,
            reasoning_level=text(body.get("reasoning_effort")),
            output_type=OUTPUT_TYPES.get(str(get(body, "response_format", "type"))),
            service_tier=tier if tier != "auto" else None,
        )

    def ask_for_usage(self, body: Mapping[str, object]) -> dict[str, object] | None:
        options = body.get("stream_options")
        if options is not None and not isinstance(options, Mapping):
            return None
        asked = dict(cast("Mapping[str, object]", options or {}))
        if "include_usage" in asked:
            return None
        return {**body, "stream_options": {**asked, "include_usage": True}}

    def is_usage_only(self, chunk: object) -> bool:
        return get(chunk, "usage") is not None and get(chunk, "choices") == []

    def tally(self) -> ChatTally:
        return ChatTally()

    def read_answer(self, answer: object) -> Reading:
        reasons = [text(get(choice, "finish_reason")) for choice in items(get(answer, "choices"))]
        return Reading(
            response=_response(answer, tuple(reason or "error" for reason in reasons) or None),
            usage=read_usage(get(answer, "usage")),
            finished=bool(reasons) and None not in reasons,
        )


class ChatTally:
    """The identity, the finish reasons and the last usage of a stream of chunks."""

    __slots__ = ("_content_seen", "_first", "_reasons", "_usage")

    def __init__(self) -> None:
        self._first: object = None
        self._usage: object = None
        self._reasons: dict[int, str | None] = {}
        self._content_seen = False

    def note(self, chunk: Any) -> bool:
        if self._first is None:
            self._first = chunk
        if (usage := chunk.usage) is not None:
            self._usage = usage
        for choice in chunk.choices:
            if choice.finish_reason is not None:
                self._reasons[choice.index] = choice.finish_reason
            if not self._content_seen:
                self._reasons.setdefault(choice.index, None)
                delta = choice.delta
                self._content_seen = any(getattr(delta, name, None) for name in CONTENT_FIELDS)
        return self._content_seen

    def reading(self) -> Reading:
        reasons = [self._reasons[index] for index in sorted(self._reasons)]
        finished = bool(reasons) and None not in reasons
        return Reading(
            response=_response(self._first, tuple(reason or "error" for reason in reasons) or ("error",)),
            usage=read_usage(self._usage),
            finished=finished,
        )


def read_usage(usage: object) -> Usage | None:
    """Totals as given: OpenAI's `prompt_tokens` already includes cached tokens."""
    if usage is None:
        return None
    return Usage(
        input_tokens=whole(get(usage, "prompt_tokens")),
        output_tokens=whole(get(usage, "completion_tokens")),
        cache_read_tokens=whole(get(usage, "prompt_tokens_details", "cached_tokens")),
        cache_write_tokens=whole(get(usage, "prompt_tokens_details", "cache_write_tokens")),
        reasoning_tokens=whole(get(usage, "completion_tokens_details", "reasoning_tokens")),
        input_audio_tokens=whole(get(usage, "prompt_tokens_details", "audio_tokens")),
        output_audio_tokens=whole(get(usage, "completion_tokens_details", "audio_tokens")),
    )


def _response(answer: object, reasons: tuple[str, ...] | None) -> Response:
    return Response(
        id=text(get(answer, "id")),
        model=text(get(answer, "model")),
        finish_reasons=reasons,
        service_tier=text(get(answer, "service_tier")),
        system_fingerprint=text(get(answer, "system_fingerprint")),
    )
