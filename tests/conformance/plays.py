"""Calls through the real SDKs, each with the reply that it gets."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final, Literal

import anthropic
import openai
from installed import ANTHROPIC_HTTP, OPENAI_HTTP

from firsttoken.call import Usage
from firsttoken.testing import (
    Answer,
    Cut,
    Delivery,
    ErrorAnswer,
    ProviderServer,
    ToolCall,
    cached_answer,
    reasoning_answer,
    text_answer,
    tool_call_answer,
    unmetered_answer,
)
from firsttoken.testing.script import Reply

PROMPT: Final = "prompt-Qx7 with «private» words"
SYSTEM: Final = "system-Qx7 be terse"
ANSWER: Final = ("answer-Zk9 ", "naïve", " text")
THOUGHT: Final = "thought-Wm3"
ARGUMENTS: Final = '{"place": "argument-Yt5"}'
API_KEY: Final = "sk-test-Vb1Vb1Vb1Vb1Vb1"
HEADER_VALUE: Final = "header-Ju2"
TOOL: Final = "tool-Hp4"
NEVER_TOLD: Final = ("Vb1Vb1Vb1", "header-Ju2")
"""Pieces of the key and of a header: they leave the process never."""
SECRETS: Final = (
    "prompt-Qx7",
    "private",
    "answer-Zk9",
    "naïve",
    "thought-Wm3",
    "argument-Yt5",
    "tool-Hp4",
    *NEVER_TOLD,
)
"""Pieces of everything that must not leave the process unless it is asked for.

Each is long enough that no random id and no number of an export has it by chance.
"""

Sdk = Literal["openai", "anthropic"]
MODELS: Final = {"openai": "gpt-4o-mini", "anthropic": "claude-haiku-4-5"}


@dataclass(frozen=True, slots=True)
class Play:
    """One call: what is asked, what is answered, and what the caller does with the answer."""

    name: str
    sdk: Sdk
    stream: bool
    reply: Reply
    asked: dict[str, Any] = field(default_factory=dict[str, Any])
    fails: bool = False
    chunks_read: int | None = None
    """The caller closes the stream after so many chunks; None reads to the end."""

    def __str__(self) -> str:
        return f"{self.name} | {self.sdk} {'stream' if self.stream else 'whole'}"

    @property
    def model(self) -> str:
        return MODELS[self.sdk]

    @property
    def body(self) -> dict[str, Any]:
        """What is asked, wherever the caller put it."""
        return self.asked | self.asked.get("extra_body", {})

    @property
    def usage(self) -> Usage | None:
        """What the provider reports in the end, if the caller lets it."""
        answered = isinstance(self.reply, Answer) and not self.fails and self.chunks_read is None
        return self.reply.usage if answered else None  # type: ignore[union-attr]

    def perform(self, server: ProviderServer) -> None:
        """Sends the call, reads its answer, and lets the caller's errors be."""
        server.enqueue(self.reply)
        with contextlib.suppress(*CALLERS_ERRORS), CLIENTS[self.sdk](server) as client:
            create = client.chat.completions.create if self.sdk == "openai" else client.messages.create
            asked = _as_it_takes(create, self.asked)
            answer = create(model=self.model, stream=self.stream, extra_headers={"x-team": HEADER_VALUE}, **asked)
            if self.chunks_read is not None:
                for _ in range(self.chunks_read):
                    next(answer)
                answer.close()
            elif self.stream:
                list(answer)


def _as_it_takes(create: Callable[..., Any], asked: dict[str, Any]) -> dict[str, Any]:
    """With what this version of the SDK has no parameter for in the body, as its user would send it."""
    known = inspect.signature(create).parameters
    extra = {name: value for name, value in asked.items() if name not in known}
    taken = {name: value for name, value in asked.items() if name in known}
    return taken | {"extra_body": taken.get("extra_body", {}) | extra}


CALLERS_ERRORS: Final = (openai.OpenAIError, anthropic.AnthropicError, OPENAI_HTTP.HTTPError, ANTHROPIC_HTTP.HTTPError)
CLIENTS: Final[dict[str, Callable[[ProviderServer], Any]]] = {
    "openai": lambda server: openai.OpenAI(base_url=server.openai_base_url, api_key=API_KEY, max_retries=0),
    "anthropic": lambda server: anthropic.Anthropic(base_url=server.anthropic_base_url, api_key=API_KEY, max_retries=0),
}
MESSAGES: Final[dict[str, dict[str, Any]]] = {
    "openai": {"messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": PROMPT}]},
    "anthropic": {"system": SYSTEM, "messages": [{"role": "user", "content": PROMPT}], "max_tokens": 64},
}
TOOLS: Final[dict[str, dict[str, Any]]] = {
    "openai": {"tools": [{"type": "function", "function": {"name": TOOL, "description": TOOL, "parameters": {}}}]},
    "anthropic": {"tools": [{"name": TOOL, "description": TOOL, "input_schema": {"type": "object"}}]},
}
EVERY_PARAMETER: Final[dict[str, dict[str, Any]]] = {
    "openai": {
        "max_completion_tokens": 64,
        "temperature": 0,
        "top_p": 1,
        "frequency_penalty": 0.5,
        "presence_penalty": -0.5,
        "stop": ["END"],
        "seed": 7,
        "n": 2,
        "reasoning_effort": "low",
        "response_format": {"type": "json_object"},
        "service_tier": "flex",
    },
    "anthropic": {
        "extra_body": {"temperature": 0, "top_p": 1, "top_k": 5},
        "stop_sequences": ["END"],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {}}},
        "service_tier": "standard_only",
    },
}
MIXED: Final = Usage(
    input_tokens=40,
    output_tokens=20,
    input_text_tokens=6,
    output_text_tokens=5,
    input_image_tokens=4,
    output_image_tokens=3,
    input_audio_tokens=30,
    output_audio_tokens=12,
)
TEXT: Final = text_answer(*ANSWER)
REFUSED: Final = ErrorAnswer(status=429, headers={"x-should-retry": "false"})
DENIED: Final = ErrorAnswer(status=401, message=f"Incorrect API key provided: {API_KEY}.")
WHOLE_OR_STREAMED: Final[dict[str, Reply]] = {
    "text": TEXT,
    "cached": cached_answer(*ANSWER, read=100, write_5m=20),
    "reasoning": reasoning_answer(*ANSWER, reasoning=(THOUGHT,)),
    "tool call": tool_call_answer(ToolCall("f", (ARGUMENTS,))),
    "unmetered": unmetered_answer(*ANSWER),
    "refused": REFUSED,
    "denied": DENIED,
}
STREAMED: Final[dict[str, Reply]] = {
    "error in the middle": replace(TEXT, error=ErrorAnswer(status=500), error_after=3),
    "reset in the middle": replace(TEXT, delivery=Delivery(stop_after=3)),
    "no end": replace(TEXT, delivery=Delivery(stop_after=3, stop_by=Cut.END)),
}


def _asked(sdk: Sdk, *, stream: bool, more: dict[str, Any] | None = None) -> dict[str, Any]:
    usage = {"stream_options": {"include_usage": True}} if stream and sdk == "openai" else {}
    return MESSAGES[sdk] | TOOLS[sdk] | usage | (more or {})


def _plays() -> list[Play]:
    sdks: tuple[Sdk, ...] = ("openai", "anthropic")
    plays = [
        Play(name, sdk, stream, reply, _asked(sdk, stream=stream), fails=isinstance(reply, ErrorAnswer))
        for (name, reply), sdk, stream in product(WHOLE_OR_STREAMED.items(), sdks, (False, True))
    ]
    plays += [
        Play("every parameter", sdk, stream, TEXT, _asked(sdk, stream=stream, more=EVERY_PARAMETER[sdk]))
        for sdk, stream in product(sdks, (False, True))
    ]
    plays += [
        Play(name, sdk, True, reply, _asked(sdk, stream=True), fails=True)
        for (name, reply), sdk in product(STREAMED.items(), sdks)
    ]
    plays += [Play("closed early", sdk, True, TEXT, _asked(sdk, stream=True), chunks_read=3) for sdk in sdks]
    plays += [
        Play("text, images and audio", "openai", stream, replace(TEXT, usage=MIXED), _asked("openai", stream=stream))
        for stream in (False, True)
    ]
    plays.append(Play("usage not asked for", "openai", True, unmetered_answer(*ANSWER), MESSAGES["openai"]))
    return plays


PLAYS: Final = _plays()
