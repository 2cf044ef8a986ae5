"""Streams as compatible servers send them, each with its own ways of saying the same, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.adapter.wire import Said
from firsttoken.call import Response, Usage
from firsttoken.call.content import Part, Reasoning, Refusal, Text, ToolCall

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """What one server sends, event by event, and what it means."""

    server: str
    wire: str
    events: Sequence[Json]
    parts: tuple[Part, ...]
    usage: Usage | None
    reason: str
    model: str = "m"
    id: str = "1"

    @property
    def said(self) -> Said:
        return Said(
            text="".join(part.text for part in self.parts if isinstance(part, Text)),
            reasoning=tuple(part for part in self.parts if isinstance(part, Reasoning)),
            tool_calls=tuple(part for part in self.parts if isinstance(part, ToolCall)),
            parts=self.parts,
            response=Response(id=self.id, model=self.model, finish_reasons=(self.reason,)),
            usage=self.usage,
            finished=True,
        )


def chunk(delta: Json | None = None, reason: str | None = None, **more: Any) -> Json:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": reason}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}


def counts(prompt: int, completion: int, **more: Any) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion, **more}


def call(name: str, arguments: Any, **more: Any) -> Json:
    return {"type": "function", "function": {"name": name, "arguments": arguments}, **more}


HM, SO = Reasoning("Hm, so"), Text("Sun.")
WEATHER: Final = ToolCall("weather", '{"city": "Bern"}', valid_json=True, id="c1")
TIME: Final = ToolCall("time", "{}", valid_json=True, id="c2")

VLLM: Final = Stream(
    "vLLM, counting continuously",
    "chat",
    [
        chunk({"role": "assistant", "content": ""}, usage=counts(9, 0)),
        chunk({"reasoning_content": "Hm,"}, usage=counts(9, 1)),
        chunk({"reasoning_content": " so"}, usage=counts(9, 2)),
        chunk({"content": "Sun"}, usage=counts(9, 3)),
        chunk({"content": "."}, usage=counts(9, 4)),
        chunk({"tool_calls": [call("weather", "", index=0, id="c1")]}, usage=counts(9, 4)),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city": '}}]}, usage=counts(9, 5)),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"Bern"}'}}]}, usage=counts(9, 6)),
        chunk({"content": ""}, "tool_calls", usage=counts(9, 6), stop_reason=None),
        {**chunk(), "choices": [], "usage": counts(9, 6)},
    ],
    (HM, SO, WEATHER),
    Usage(9, 6),
    "tool_calls",
)
LM_STUDIO: Final = Stream(
    "LM Studio, which counts nothing",
    "chat",
    [chunk({"role": "assistant", "content": "Sun"}), chunk({"content": "."}), chunk({}, "stop")],
    (SO,),
    None,
    "stop",
)
OPENROUTER: Final = Stream(
    "OpenRouter, saying its reasoning twice",
    "chat",
    [
        *(
            chunk(
                {
                    "role": "assistant",
                    "content": "",
                    "reasoning": thought,
                    "reasoning_details": [
                        {"type": "reasoning.text", "text": thought, "format": "anthropic-claude-v1", "index": 0}
                    ],
                },
                provider="Anthropic",
            )
            for thought in ("Hm,", " so")
        ),
        chunk(
            {"role": "assistant", "content": "", "reasoning_details": [{"type": "reasoning.text", "signature": "s"}]}
        ),
        chunk({"role": "assistant", "content": "Sun."}),
        chunk({"role": "assistant", "content": ""}, "stop", native_finish_reason="end_turn"),
        chunk(
            {"role": "assistant", "content": ""},
            usage=counts(9, 6, cost=0.01, completion_tokens_details={"reasoning_tokens": 2}),
        ),
    ],
    (Reasoning("Hm, so", signature="s"), SO),
    Usage(9, 6, reasoning_tokens=2),
    "stop",
)
GROQ: Final = Stream(
    "Groq, counting in a place of its own",
    "chat",
    [
        chunk({"role": "assistant", "content": ""}, x_groq={"id": "req_1"}),
        chunk({"reasoning": "Hm, so", "channel": "analysis"}),
        chunk({"content": "Sun."}),
        chunk({"tool_calls": [call("weather", '{"city": "Bern"}', index=0, id="c1")]}),
        chunk({}, "tool_calls", x_groq={"id": "req_1", "usage": counts(9, 6, queue_time=0.1)}),
    ],
    (HM, SO, WEATHER),
    Usage(9, 6),
    "tool_calls",
)
DEEPSEEK: Final = Stream(
    "DeepSeek, with null for what it does not say",
    "chat",
    [
        chunk({"role": "assistant", "content": None, "reasoning_content": ""}),
        chunk({"content": None, "reasoning_content": "Hm, so"}),
        chunk({"content": "Sun.", "reasoning_content": None}),
        chunk(
            {"content": "", "reasoning_content": None},
            "stop",
            usage=counts(9, 6, prompt_cache_hit_tokens=4, prompt_cache_miss_tokens=5),
        ),
    ],
    (HM, SO),
    Usage(9, 6, cache_read_tokens=4),
    "stop",
)
MISTRAL: Final = Stream(
    "Mistral, with lists of parts and calls that come whole",
    "chat",
    [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm,"}]}]}),
        chunk({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": " so"}]}]}),
        chunk({"content": [{"type": "text", "text": "Sun."}]}),
        chunk(
            {
                "content": "",
                "tool_calls": [
                    call("weather", '{"city": "Bern"}', id="c1", index=0),
                    call("time", "{}", id="c2", index=1),
                ],
            },
            "tool_calls",
            usage=counts(9, 6),
        ),
    ],
    (HM, SO, WEATHER, TIME),
    Usage(9, 6),
    "tool_calls",
)
GEMINI: Final = Stream(
    "Gemini's compatible server, which does not number calls",
    "chat",
    [
        chunk({"role": "assistant", "tool_calls": [call("weather", '{"city": "Bern"}', id="c1")]}, usage=counts(9, 5)),
        chunk({"role": "assistant", "tool_calls": [call("time", "{}", id="c2")]}, "tool_calls", usage=counts(9, 6)),
    ],
    (WEATHER, TIME),
    Usage(9, 6),
    "tool_calls",
)
OLLAMA: Final = Stream(
    "Ollama, which numbers every call 0",
    "chat",
    [
        chunk({"role": "assistant", "content": "", "tool_calls": [call("time", "{}", index=0, id="c2")]}),
        chunk(
            {"role": "assistant", "content": "", "tool_calls": [call("weather", '{"city": "Bern"}', index=0, id="c1")]}
        ),
        chunk({"role": "assistant", "content": ""}, "tool_calls"),
    ],
    (TIME, WEATHER),
    None,
    "tool_calls",
)
REPEATING: Final = Stream(
    "a server that repeats id and name with every piece",
    "chat",
    [
        chunk({"tool_calls": [call("weather", '{"city"', index=0, id="c1")]}),
        chunk({"tool_calls": [call("weather", ': "Bern"}', index=0, id="c1")]}),
        chunk({}, "tool_calls"),
    ],
    (WEATHER,),
    None,
    "tool_calls",
)
MOONSHOT: Final = Stream(
    "Moonshot AI, counting in the choice",
    "chat",
    [
        chunk({"role": "assistant", "content": "Sun."}),
        {**chunk(), "choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": counts(9, 6)}]},
    ],
    (SO,),
    Usage(9, 6),
    "stop",
)
REFUSING: Final = Stream(
    "OpenAI, refusing",
    "chat",
    [chunk({"role": "assistant", "content": "", "refusal": None}), chunk({"refusal": "No."}), chunk({}, "stop")],
    (Refusal("No."),),
    None,
    "stop",
)


def start(index: int, **block: Any) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(index: int, kind: str, **said: Any) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}


def stop(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}


MESSAGE: Final = {"id": "1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
MINIMAX: Final = Stream(
    "MiniMax, which counts at the end alone",
    "messages",
    [
        {"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": 0, "output_tokens": 0}}},
        start(0, type="thinking", thinking="", signature=""),
        more(0, "thinking_delta", thinking="Hm, so"),
        more(0, "signature_delta", signature="s"),
        stop(0),
        start(1, type="text", text=""),
        more(1, "text_delta", text="Sun."),
        stop(1),
        start(2, type="tool_use", id="c2", name="time", input={}),
        stop(2),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use"},
            "usage": {"input_tokens": 9, "output_tokens": 6, "cache_read_input_tokens": 0},
        },
        {"type": "message_stop"},
    ],
    (Reasoning("Hm, so", signature="s"), SO, TIME),
    Usage(9, 6, cache_read_tokens=0),
    "tool_use",
)
STREAMS: Final = (
    *(VLLM, LM_STUDIO, OPENROUTER, GROQ, DEEPSEEK, MISTRAL, GEMINI, OLLAMA, REPEATING, MOONSHOT, REFUSING),
    MINIMAX,
)
