"""OpenAI Chat Completions, as OpenAI and every compatible server speak it.

Source: OpenAI API reference, "Create chat completion" and "The chat completion chunk object".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, cast

from firsttoken.call import Parameters, Response, Usage
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL
from firsttoken.plain import members_of
from firsttoken.providers.fields import JsonObject, count, get, items, like_sdk, members, number, text, texts, whole
from firsttoken.providers.novelty import MOST_UNKNOWN, NONE, names_in, novelties
from firsttoken.providers.raw_usage import raw_usage
from firsttoken.providers.wire import Carrying, Reading, Wire, emptiness, reported

CARRY: Final[Mapping[str, int]] = {
    "tool_calls": TOOL_CALL,
    "function_call": TOOL_CALL,
    "content": TEXT,
    "refusal": TEXT,
    "audio": TEXT,
    "reasoning_content": REASONING,
    "reasoning": REASONING,
    "reasoning_details": REASONING,
}
"""What the members of a delta carry for the reader; the first that says something tells. `reasoning*` are extensions of
compatible servers."""

CONTENT_FIELDS: Final = tuple(CARRY)

KNOWN_FIELDS: Final = frozenset({*CONTENT_FIELDS, "role", "annotations", "name", "tool_call_id"})
"""Every member of a delta that we know, be it content or not."""

FINISH_REASONS: Final = frozenset({"content_filter", "function_call", "length", "stop", "tool_calls"})

KNOWN_COUNTS: Final = frozenset(
    {
        "cached_tokens",
        "completion_tokens",
        "completion_tokens_details",
        "cost",
        "cost_details",
        "cost_in_usd_ticks",
        "extra_properties",
        "is_byok",
        "prompt_cache_hit_tokens",
        "prompt_cache_miss_tokens",
        "prompt_tokens",
        "prompt_tokens_details",
        "total_tokens",
    }
)
"""Every member of `usage` that we know, be it read or not."""

CACHED_TOKENS: Final = (
    ("prompt_tokens_details", "cached_tokens"),
    ("prompt_cache_hit_tokens",),
    ("cached_tokens",),
)
"""Where the cached part of the prompt may stand: OpenAI, DeepSeek, Moonshot AI."""

PROMPT_DETAILS: Final = {
    "cache_write_tokens": "cache_write_tokens",
    "input_text_tokens": "text_tokens",
    "input_image_tokens": "image_tokens",
    "input_audio_tokens": "audio_tokens",
}
COMPLETION_DETAILS: Final = {
    "reasoning_tokens": "reasoning_tokens",
    "output_text_tokens": "text_tokens",
    "output_image_tokens": "image_tokens",
    "output_audio_tokens": "audio_tokens",
}
"""The counts that parts of the prompt and the completion have, by their names here and there."""

TRAFFIC: Final = {
    "ON_DEMAND_FLEX": "flex",
    "ON_DEMAND_PRIORITY": "priority",
    "PROVISIONED_THROUGHPUT": "provisioned_throughput",
}
"""Service tiers by the kinds of traffic that Google names in the usage; that on demand is none."""

REASONING_FIELDS: Final = frozenset({"reasoning_content", "reasoning", "reasoning_details"})
NO_ANSWER: Final = REASONING_FIELDS | {"role", "name", "tool_call_id", "annotations"}
"""What a message may have beside its text and its tool calls."""

WORDLESS: Final = {TEXT: False, TOOL_CALL: True}
"""Whether most chunks that carry this have no text."""

OUTPUT_TYPES: Final = {"text": "text", "json_object": "json", "json_schema": "json"}


@dataclass(frozen=True, slots=True)
class OpenAIChat(Wire):
    """The wire of `POST /chat/completions`."""

    usual_event: ClassVar[str | None] = "chat.completion.chunk"
    api: str = "openai.chat_completions"
    operation: str = "chat"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        choices, tier = whole(asked.get("n")), text(asked.get("service_tier"))
        limit = whole(asked.get("max_completion_tokens"))
        return Parameters(
            max_tokens=limit if limit is not None else whole(asked.get("max_tokens")),
            temperature=number(asked.get("temperature")),
            top_p=number(asked.get("top_p")),
            frequency_penalty=number(asked.get("frequency_penalty")),
            presence_penalty=number(asked.get("presence_penalty")),
            stop_sequences=texts(asked.get("stop")),
            seed=whole(asked.get("seed")),
            choice_count=choices if choices != 1 else None,
            reasoning_level=text(asked.get("reasoning_effort")),
            output_type=_output_type(asked),
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
        return get(chunk, "usage") is not None and not get(chunk, "choices")

    def hide_question(self, chunk: Any) -> None:
        """A stream that was asked for usage says `"usage": null` in every other chunk."""
        if get(chunk, "usage") is not None:
            return
        if isinstance(chunk, dict):
            cast("dict[str, object]", chunk).pop("usage", None)
        else:
            chunk.model_fields_set.discard("usage")

    def is_progress(self, chunk: object) -> bool:
        """Servers that have nothing to say yet send deltas with nothing in them."""
        if get(chunk, "usage") or get(chunk, "error"):
            return True
        return any(
            get(choice, "finish_reason") or _says(get(choice, "delta")) for choice in items(get(chunk, "choices"))
        )

    def _said_in(self, choice: object) -> object:
        """What has the text of a choice of a whole answer."""
        return get(choice, "message")

    def tally(self) -> ChatTally:
        return ChatTally()

    def tally_without_tools(self) -> ChatTally:
        tally = self.tally()
        tally.expects_tools = False
        return tally

    def read_answer(self, answer: object) -> Reading:
        reasons = [text(get(choice, "finish_reason")) for choice in items(get(answer, "choices"))]
        usage = get(answer, "usage")
        parts = [self._said_in(choice) for choice in items(get(answer, "choices"))]
        finished = bool(reasons) and None not in reasons
        return Reading(
            response=_response(answer, answer, usage, tuple(reason or "error" for reason in reasons) or None),
            usage=read_usage(usage),
            empty=emptiness(
                finished=finished, answered=any(map(_answers, parts)), reasoned=any(map(_reasons_in, parts))
            ),
            raw_usage=raw_usage(usage),
            unknown=_unknown(reasons, usage),
            finished=finished,
        )


class ChatTally(Carrying):
    """The first chunk that names its model, the last chunk, the finish reason of each choice, and the last usage."""

    __slots__ = (
        "_answered",
        "_content_seen",
        "_goes_on",
        "_last",
        "_named",
        "_opening",
        "_reasoning_seen",
        "_reasons",
        "_unknown",
        "_usage",
        "_wordless",
        "expects_tools",
    )

    def __init__(self) -> None:
        super().__init__()
        self._opening: object = None
        self._named = False
        self._last: object = None
        self._usage: object = None
        self._reasons: dict[int, object] = {}
        self._content_seen = False
        self._reasoning_seen = False
        self._answered = False
        self._unknown = NONE
        self._wordless: bool | None = None
        """Whether chunks that are like the last one have no text; None where more tells what they carry."""
        self.expects_tools = True
        self._goes_on = False
        """Whether nothing but text can come now: after text, where no tools are offered."""

    def note(self, chunk: Any) -> bool:
        if self._content_seen and self._named:
            try:
                # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
                answer: dict[str, Any] = chunk.__dict__
                (choice,) = answer["choices"]
                given: dict[str, Any] = choice.__dict__
                if answer["usage"] is None and given["finish_reason"] is None and given["index"] in self._reasons:
                    self._last = chunk
                    if self._goes_on or (not given["delta"].__dict__["content"]) is self._wordless:
                        return False
                    if not self._answered:
                        self._see_answer(choice)
                    return self._turn(self._carried(choice))
            except (AttributeError, KeyError, TypeError, ValueError):
                pass  # It is of another kind than nearly all of a stream.
        return self._note_any(chunk)

    def _note_any(self, chunk: Any) -> bool:
        if type(chunk) is dict:
            chunk = like_sdk(chunk)
        if not self._named:
            self._opening = chunk
            self._named = bool(getattr(chunk, "model", None))
        self._last = chunk
        if (usage := getattr(chunk, "usage", None)) is not None:
            self._usage = usage
        reasons, carries = self._reasons, NOTHING
        for choice in items(getattr(chunk, "choices", None)):
            index, reason = getattr(choice, "index", None), getattr(choice, "finish_reason", None)
            if type(index) is not int or index < 0:
                index = 0
            if reason or index not in reasons:
                reasons[index] = reason or None
            if not self._content_seen:
                self._see_content(choice)
            elif not self._answered:
                self._see_answer(choice)
            carries = carries or self._carried(choice)
        return self._turn(carries)

    def _turn(self, carries: int) -> bool:
        self._wordless = WORDLESS.get(carries) if self._answered else None
        self._goes_on = self._wordless is False and not self.expects_tools
        return super()._turn(carries)

    def _carried(self, choice: Any) -> int:
        return _carried_by(getattr(choice, "delta", None))

    def _see_content(self, choice: Any) -> None:
        """Reasoning comes before what it is for, so the first content tells whether it is shown."""
        delta = getattr(choice, "delta", None)
        if len(self._unknown) < MOST_UNKNOWN:
            self._unknown |= novelties("delta", names_in(delta), KNOWN_FIELDS)
        seen = {name for name in CONTENT_FIELDS if getattr(delta, name, None)}
        self._content_seen = bool(seen)
        self._reasoning_seen = not seen.isdisjoint(REASONING_FIELDS)
        self._answered = not seen <= REASONING_FIELDS

    def _see_answer(self, choice: Any) -> None:
        """After reasoning, until a choice has more than that."""
        self._answered = _answers(getattr(choice, "delta", None))

    def _has_novelty(self) -> bool:
        """Whether there is something that may be content to those who know it."""
        return any(word.startswith("delta ") for word in self._unknown)

    @property
    def finished(self) -> bool:
        """Whether every choice so far has said why it ended."""
        return bool(self._reasons) and all(text(reason) for reason in self._reasons.values())

    def reading(self) -> Reading:
        """A usage that came before the end is that of a server which counts as it goes, and partial."""
        reasons = [text(self._reasons[index]) for index in sorted(self._reasons)]
        finished = self.finished
        reported = self._usage or usage_elsewhere(self._last)
        usage = read_usage(reported, partial=not finished)
        ends = tuple(reason or "error" for reason in reasons) or ("error",)
        response = _response(self._opening, self._last, reported, ends)
        if usage is not None and usage.reasoning_tokens and not self._reasoning_seen:
            response = replace(response, hidden_reasoning=True)
        return Reading(
            response=response,
            usage=usage,
            raw_usage=raw_usage(reported),
            unknown=self._unknown | _unknown(reasons, reported),
            finished=finished,
            empty=emptiness(
                finished=finished, answered=self._answered or self._has_novelty(), reasoned=self._content_seen
            ),
        )


def _answers(message: object) -> bool:
    """Whether a message or a piece of one has text or a tool call, or what only newer versions know."""
    said = members(message) if isinstance(message, JsonObject) else members_of(message)
    return any(value and name not in NO_ANSWER for name, value in said.items())


def _reasons_in(message: object) -> bool:
    return any(get(message, name) for name in REASONING_FIELDS)


def _carried_by(delta: object) -> int:
    said = members(delta) if isinstance(delta, JsonObject) else members_of(delta)
    for name, carries in CARRY.items():
        if value := said.get(name):
            return REASONING if name == "content" and _is_thought(value) else carries
    return NOTHING


def _is_thought(content: object) -> bool:
    """As Mistral sends it: among the parts of the content."""
    parts = items(content)
    return bool(parts) and all(get(part, "type") == "thinking" for part in parts)


def _says(delta: object) -> bool:
    return any(get(delta, name) for name in names_in(delta) if name != "role")


def usage_elsewhere(last: object) -> object:
    """Where the last chunk may have it instead: Groq's own place, and in the choice, as Moonshot AI's does."""
    inside = (get(choice, "usage") for choice in items(get(last, "choices")))
    return get(last, "x_groq", "usage") or next((usage for usage in inside if usage), None)


def read_usage(usage: object, *, partial: bool = False) -> Usage | None:
    """Totals as given: OpenAI's `prompt_tokens` already includes cached tokens, its `completion_tokens` reasoning."""
    cached = (count(get(usage, *path)) for path in CACHED_TOKENS)
    return reported(
        Usage(
            input_tokens=count(get(usage, "prompt_tokens")),
            output_tokens=_output_tokens(usage),
            cache_read_tokens=next((found for found in cached if found is not None), None),
            partial=partial,
            **_details(get(usage, "prompt_tokens_details"), PROMPT_DETAILS),
            **_details(get(usage, "completion_tokens_details"), COMPLETION_DETAILS),
        )
    )


def _output_tokens(usage: object) -> int | None:
    """With reasoning, which xAI and Google count beside `completion_tokens`: their total tells."""
    prompt, visible, total = (
        count(get(usage, name)) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
    )
    reasoning = count(get(usage, "completion_tokens_details", "reasoning_tokens"))
    if prompt is None or visible is None or total is None or not reasoning:
        return visible
    return visible + reasoning if total == prompt + visible + reasoning else visible


def _details(details: object, names: Mapping[str, str]) -> dict[str, Any]:
    """Most compatible servers have none."""
    return {} if details is None else {ours: count(get(details, theirs)) for ours, theirs in names.items()}


def _unknown(reasons: list[str | None], usage: object) -> frozenset[str]:
    said = [reason for reason in reasons if reason is not None]
    return novelties("finish_reason", said, FINISH_REASONS) | novelties("usage", names_in(usage), KNOWN_COUNTS)


def _output_type(body: Mapping[str, object]) -> str | None:
    if "audio" in items(body.get("modalities")):
        return "speech"
    return OUTPUT_TYPES.get(str(get(body, "response_format", "type")))


def _response(opening: object, last: object, usage: object, reasons: tuple[str, ...] | None) -> Response:
    """As the opening says, and the last chunk where it does not."""

    def said(name: str) -> str | None:
        return text(get(opening, name)) or text(get(last, name))

    return Response(
        id=said("id"),
        model=said("model"),
        finish_reasons=reasons,
        service_tier=said("service_tier") or TRAFFIC.get(str(get(usage, "extra_properties", "google", "traffic_type"))),
        system_fingerprint=said("system_fingerprint"),
    )
