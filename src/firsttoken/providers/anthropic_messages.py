"""Anthropic Messages.

Source: Anthropic API reference, "Create a Message" and "Streaming messages".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from firsttoken.call import Parameters, Response
from firsttoken.call.timeline import NOTHING as NO_CONTENT
from firsttoken.call.timeline import REASONING, TEXT, TOOL_CALL
from firsttoken.providers.fields import get, items, like_sdk, number, text, texts, whole
from firsttoken.providers.kinds import NO_KIND, Kinds
from firsttoken.providers.message_usage import KNOWN_COUNTS, read_usage
from firsttoken.providers.novelty import MOST_UNKNOWN, NONE, names_in, novelties
from firsttoken.providers.raw_usage import raw_usage
from firsttoken.providers.wire import Carrying, Reading, Wire, emptiness

OPENING_BLOCKS: Final = frozenset(
    {
        "advisor_tool_result",
        "bash_code_execution_tool_result",
        "code_execution_tool_result",
        "mcp_tool_listing",
        "mcp_tool_result",
        "mcp_tool_use",
        "redacted_thinking",
        "server_tool_use",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "tool_use",
        "web_fetch_tool_result",
        "web_search_tool_result",
    }
)
"""Blocks that are content as they open."""

EMPTY_BLOCKS: Final = frozenset({"text", "thinking"})
"""Blocks that open empty and get their content by deltas."""

ASIDE_BLOCKS: Final = frozenset({"compaction", "container_upload", "fallback"})
"""Blocks about how the answer was made, with nothing of it in them."""

SILENT_BLOCKS: Final = EMPTY_BLOCKS | ASIDE_BLOCKS
BLOCKS: Final = OPENING_BLOCKS | SILENT_BLOCKS
QUIET_EVENTS: Final = frozenset({"content_block_stop", "message_stop", "ping"})
STOP_REASONS: Final = frozenset(
    {
        "compaction",
        "end_turn",
        "max_tokens",
        "model_context_window_exceeded",
        "pause_turn",
        "refusal",
        "stop_sequence",
        "tool_use",
    }
)

THINKING: Final = frozenset({"thinking", "thinking_delta", "redacted_thinking"})
"""Blocks and deltas that carry reasoning, be it readable or encrypted."""

CARRY: Final[Mapping[str | None, int]] = {
    **dict.fromkeys(OPENING_BLOCKS, TOOL_CALL),
    **dict.fromkeys(ASIDE_BLOCKS, NO_CONTENT),
    **dict.fromkeys(THINKING, REASONING),
}
"""What the deltas of a block carry, where it is no text."""

DELTA: Final = "content_block_delta"
"""Most events of a stream."""

INPUT_COUNTS: Final = (
    "input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "server_tool_use",
)
OUTPUT_COUNTS: Final = ("output_tokens", "output_tokens_details", "iterations")

OUTPUT_TYPES: Final = {"json_schema": "json"}


@dataclass(frozen=True, slots=True)
class AnthropicMessages(Wire):
    """The wire of `POST /v1/messages`."""

    passed_over: ClassVar[frozenset[str]] = frozenset({"ping"})
    usual_event: ClassVar[str | None] = DELTA
    api: str = "anthropic.messages"
    operation: str = "chat"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        tier = text(asked.get("service_tier"))
        output = get(asked, "output_config", "format", "type") or get(asked, "output_format", "type")
        return Parameters(
            max_tokens=whole(asked.get("max_tokens")),
            temperature=number(asked.get("temperature")),
            top_p=number(asked.get("top_p")),
            top_k=whole(asked.get("top_k")),
            stop_sequences=texts(asked.get("stop_sequences")),
            reasoning_level=text(get(asked, "output_config", "effort")),
            output_type=OUTPUT_TYPES.get(str(output)),
            service_tier=tier if tier != "auto" else None,
        )

    def is_progress(self, chunk: object) -> bool:
        if get(chunk, "type") != "content_block_delta":
            return Wire.is_progress(self, chunk)
        delta = get(chunk, "delta")
        return any(get(delta, name) for name in names_in(delta) if name != "type")

    def tally(self) -> MessageTally:
        return MessageTally()

    def read_answer(self, answer: object) -> Reading:
        reason, usage = get(answer, "stop_reason"), get(answer, "usage")
        blocks = items(get(answer, "content"))
        kinds = [get(block, "type") for block in blocks]
        response = _response(answer, text(reason), compacted="compaction" in kinds)
        used = read_usage(usage, response)
        return Reading(
            response=response,
            usage=used.usage,
            raw_usage=raw_usage(usage),
            portions=used.portions,
            unknown=novelties("block", kinds, BLOCKS) | _unknown(reason, usage),
            finished=text(reason) is not None,
            empty=emptiness(
                finished=text(reason) is not None,
                answered=any(map(_answers, blocks)),
                reasoned=not THINKING.isdisjoint(map(text, kinds)),
            ),
        )


class MessageTally(Carrying):
    """The opening message, and the last cumulative usage and stop reason."""

    __slots__ = (
        "_answered",
        "_block",
        "_compacted",
        "_content_seen",
        "_final_usage",
        "_kinds",
        "_message",
        "_reasoning_seen",
        "_run",
        "_settled",
        "_stop_reason",
        "_thought",
        "_unknown",
    )

    def __init__(self) -> None:
        super().__init__()
        self._message: object = None
        self._final_usage: object = None
        self._stop_reason: str | None = None
        self._unknown = NONE
        self._compacted = False
        self._content_seen = False
        self._reasoning_seen = False
        self._settled = False
        """Whether the next delta cannot tell anything about the block that it belongs to."""
        self._thought = False
        self._answered = False
        self._kinds = Kinds()
        self._run: object = NO_KIND
        """`DELTA` while nothing but deltas comes that tell nothing new."""
        self._block = TEXT
        """What the deltas of the block that is open carry."""

    def note(self, chunk: Any) -> bool:
        try:
            kind = chunk.type
        except AttributeError:
            chunk = like_sdk(chunk)
            kind = getattr(chunk, "type", None)
        if kind == self._run:
            return False
        if kind == DELTA:
            if not self._settled:
                self._see_content(get(chunk, "delta"), opens=False)
            self._run = DELTA if self._settled else NO_KIND
            self._kinds.last = DELTA
            return self._turn(self._block if self._settled else NO_CONTENT)
        self._run = NO_KIND
        self._kinds.take(kind)
        carries = NO_CONTENT
        if kind == "content_block_start":
            carries = self._open(get(chunk, "content_block"))
        elif kind == "message_delta":
            self._final_usage = get(chunk, "usage") or self._final_usage
            self._stop_reason = text(get(chunk, "delta", "stop_reason")) or self._stop_reason
        elif kind == "message_start":
            self._message = get(chunk, "message")
        elif text(kind) not in QUIET_EVENTS:
            self._meet("event", kind)
        return self._turn(carries)

    def _open(self, block: object) -> int:
        """Gives what the opening itself carries."""
        kind = text(get(block, "type"))
        self._compacted = self._compacted or kind == "compaction"
        if kind not in BLOCKS:
            self._meet("block", get(block, "type"))
        self._thought = self._thought or kind in THINKING
        self._block = CARRY.get(kind, TEXT)
        if self._answered:
            return NO_CONTENT if kind in SILENT_BLOCKS else self._block
        self._settled = False
        self._see_content(block, opens=True)
        return self._block if self._settled else NO_CONTENT

    def _meet(self, kind: str, word: object) -> None:
        if len(self._unknown) < MOST_UNKNOWN:
            self._unknown |= novelties(kind, [word], ())

    def _see_content(self, part: object, *, opens: bool) -> None:
        """Thinking comes before what it is for, so the first content tells whether it is shown."""
        kind = text(get(part, "type"))
        if not ((opens and kind not in SILENT_BLOCKS) or _has_content(part)):
            return
        self._settled = True
        self._answered = kind not in THINKING
        if not self._content_seen:
            self._content_seen, self._reasoning_seen = True, kind in THINKING

    def reading(self) -> Reading:
        """The counts of `message_delta` are cumulative and replace those of `message_start`, whose output
        count is a placeholder: a stream that is cut before `message_delta` has no true output count."""
        opened, final = get(self._message, "usage"), self._final_usage
        counts = {name: _latest(opened, final, name) for name in INPUT_COUNTS}
        reason = self._stop_reason
        response = _response(self._message, reason, compacted=self._compacted)
        used = read_usage(counts | {name: get(final, name) for name in OUTPUT_COUNTS}, response)
        usage = used.usage
        if usage is not None and (reason is None or usage.output_tokens is None):
            usage = replace(usage, partial=True)
        if usage is not None and usage.reasoning_tokens and not self._reasoning_seen:
            response = replace(response, hidden_reasoning=True)
        return Reading(
            response=response,
            usage=usage,
            raw_usage=raw_usage(opened, final),
            portions=used.portions,
            events=self._kinds.counted(),
            last_event=self._kinds.last,
            unknown=self._unknown | _unknown(reason, opened) | _unknown(None, final),
            finished=reason is not None,
            empty=emptiness(
                finished=reason is not None, answered=self._answered or self._compacted, reasoned=self._thought
            ),
        )


def _answers(block: object) -> bool:
    """Whether a whole block has text, or is a call of a tool, its result, or what only newer versions know."""
    kind = text(get(block, "type"))
    return bool(get(block, "text")) if kind == "text" else kind not in THINKING


def _unknown(reason: object, usage: object) -> frozenset[str]:
    said = [] if reason is None else [reason]
    return novelties("stop_reason", said, STOP_REASONS) | novelties("usage", names_in(usage), KNOWN_COUNTS)


def _latest(opened: object, final: object, name: str) -> object:
    value = get(final, name)
    return value if value is not None else get(opened, name)


def _has_content(part: object) -> bool:
    return any(get(part, name) for name in ("text", "thinking", "partial_json", "data"))


def _response(message: object, stop_reason: str | None, *, compacted: bool) -> Response:
    usage = get(message, "usage")
    return Response(
        id=text(get(message, "id")),
        model=text(get(message, "model")),
        finish_reasons=(stop_reason or "error",),
        service_tier=text(get(usage, "service_tier")),
        speed=text(get(usage, "speed")),
        inference_geo=text(get(usage, "inference_geo")),
        compacted=compacted,
    )
