"""What the provider server answers when nobody told it otherwise: something sensible for what was asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from zlib import crc32

from pydantic import JsonValue

from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.delivery import Delivery
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.json_value import member, sample_of
from firsttoken.testing.models import Model, model_called
from firsttoken.testing.prebuilt import counted
from firsttoken.testing.prose import dice, prose, split
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.scenarios import SCENARIO_HEADER, SCENARIOS
from firsttoken.testing.script import Reply
from firsttoken.testing.wire import wire_of

SHORTEST, LONGEST = 12, 60
THOUGHT_PIECES = 16
HIDDEN_REASONING_TOKENS = 192
CHARACTERS_PER_TOKEN = 4
LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
RESULTS = frozenset({"tool", "function_call_output", "tool_result"})
"""How the wires mark the result of a tool: as a role, an item or a block."""
SCHEMAS = (
    ("response_format", "json_schema", "schema"),
    ("text", "format", "schema"),
    ("output_config", "format", "schema"),
    ("output_format", "schema"),
)
"""Where a request for structured output keeps its schema, on any wire."""
FETCHED_MODEL = "gpt-4o"
"""What a response that was made before was made by."""


@dataclass(frozen=True, slots=True)
class DefaultScript:
    """Equal requests get equal answers: tool calls, structured output, reasoning or text, as the body asks.

    The request header `x-firsttoken-scenario` asks for one of the special cases in `scenarios`.
    """

    pace: float = 0.0
    """1 takes as long as the models in `models` do, 0 answers at once."""

    def __post_init__(self) -> None:
        if not 0 <= self.pace < float("inf"):
            raise ValueError(f"pace={self.pace} is not a number from 0 up")

    def __call__(self, request: ReceivedRequest) -> Reply:
        if (lack := _lack(request)) is not None:
            return ErrorAnswer(status=400, message=lack)
        seed = crc32(request.content or request.path.encode())
        model = model_called(request.model or FETCHED_MODEL)
        answer = replace(sensible_answer(request, seed), model=model.snapshot)
        answer = replace(answer, delivery=_paced(answer, model, self.pace, seed, streamed=request.stream))
        name = request.headers.get(SCENARIO_HEADER)
        if name is None:
            return answer
        if name not in SCENARIOS:
            known = ", ".join(sorted(SCENARIOS))
            return ErrorAnswer(status=400, message=f"unknown {SCENARIO_HEADER} {name!r}; there are: {known}")
        return SCENARIOS[name](answer, request, self.pace)


def _lack(request: ReceivedRequest) -> str | None:
    """What is missing for an answer."""
    wire = wire_of(request)
    if wire is None or not wire.needs:
        return None
    given = any(isinstance(request.body.get(name), types) for name, types in wire.needs.items())
    return None if request.model and given else f"the body must be JSON with a model and {' or '.join(wire.needs)}"


def sensible_answer(request: ReceivedRequest, seed: int) -> Answer:
    """What a model might say to this request, cut off at its token limit."""
    body = request.body
    input_tokens = max(1, len(request.content) // CHARACTERS_PER_TOKEN)
    answer = Answer(text=_text(body, seed), tool_calls=_tool_calls(body))
    if answer.tool_calls:
        answer = replace(answer, text=())
    if member(body, "thinking", "type") in ("enabled", "adaptive") or member(body, "reasoning", "summary"):
        answer = replace(answer, reasoning=prose(seed + 1, THOUGHT_PIECES))
    if body.get("background") is True and not request.stream:
        return replace(answer, status="queued")
    answer = _limited(answer, body)
    metered = counted(answer, input_tokens)
    return _with_hidden_reasoning(metered) if model_called(request.model).reasons else metered


def _text(body: JsonValue, seed: int) -> tuple[str, ...]:
    for path in SCHEMAS:
        if (schema := member(body, *path)) is not None:
            return split(json.dumps(sample_of(schema), ensure_ascii=False))
    if member(body, "response_format", "type") == "json_object":
        return split('{"city": "Zürich", "days": 3}')
    return prose(seed, SHORTEST + int(dice(seed, -1) * (LONGEST - SHORTEST)))


def _tool_calls(body: JsonValue) -> tuple[ToolCall, ...]:
    """The first tool on offer, unless its result is already among the messages or no tool may be called."""
    tool = member(body, "tools", 0)
    if tool is None or _has_tool_result(body) or "none" in (member(body, "tool_choice"), _choice_type(body)):
        return ()
    function = member(tool, "function") or tool
    name = member(function, "name")
    if not isinstance(name, str):
        return ()
    schema = member(function, "parameters") or member(function, "input_schema")
    return (ToolCall(name, split(json.dumps(sample_of(schema), ensure_ascii=False))),)


def _choice_type(body: JsonValue) -> JsonValue:
    return member(body, "tool_choice", "type")


def _has_tool_result(body: JsonValue) -> bool:
    last = member(body, "messages", -1) or member(body, "input", -1)
    kinds = (member(last, "role"), member(last, "type"), member(last, "content", 0, "type"))
    return not RESULTS.isdisjoint(kind for kind in kinds if isinstance(kind, str))


def _limited(answer: Answer, body: JsonValue) -> Answer:
    limit = next((found for name in LIMITS if isinstance(found := member(body, name), int)), None)
    room = len(answer.text) if limit is None else max(0, limit - len(answer.reasoning))
    if room >= len(answer.text):
        return answer
    return replace(answer, text=answer.text[:room], truncated=True)


def _with_hidden_reasoning(answer: Answer) -> Answer:
    """OpenAI's reasoning models bill what they think and do not show it."""
    if answer.usage is None:
        return answer
    billed = (answer.usage.output_tokens or 0) + HIDDEN_REASONING_TOKENS
    return replace(answer, usage=replace(answer.usage, output_tokens=billed, reasoning_tokens=HIDDEN_REASONING_TOKENS))


def _paced(answer: Answer, model: Model, pace: float, seed: int, *, streamed: bool) -> Delivery:
    """Headers with most of the wait, then the first few chunks, then the rest at an uneven but steady rate."""
    if pace == 0:
        return Delivery()
    first_s = pace * model.first_token_s * (0.7 + 0.7 * dice(seed, -2))
    numbers = range(4, 4 + answer.piece_count)
    gaps = {number: pace * model.next_token_s * (0.4 + 1.2 * dice(seed, number)) for number in numbers}
    if not streamed:
        return Delivery(headers_after=first_s + sum(gaps.values()))
    return Delivery(headers_after=0.6 * first_s, each_after=0.13 * first_s, before=gaps)
