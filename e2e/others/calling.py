"""A program that its environment alone tells where telemetry goes: it ends when all has been sent.

In one session a stream, a whole answer, a refusal, and an agent that streams behind a tool.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import anthropic
import openai

import firsttoken
from firsttoken.call import Usage
from firsttoken.testing import Answer, ErrorAnswer, ProviderServer, text_answer

GPT, CLAUDE = "gpt-4.1", "claude-sonnet-4-6"
PROMPT = "Which tyres for a wet road?"
ANSWER = "Those with deep grooves."
USAGE = Usage(input_tokens=1200, output_tokens=34, cache_read_tokens=1000, cache_write_tokens=0, reasoning_tokens=0)
PATIENCE_S = "120"
"""With a server that has just started, on a machine that is busy: MLflow loads its list of prices then."""
CAPTURED = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "SPAN_ONLY"}


def call(session: str, environment: Mapping[str, str]) -> None:
    """Runs it. Fails where it fails, or where somebody did not take what it sent."""
    path = os.pathsep.join(filter(None, sys.path))
    told = {"OTEL_SERVICE_NAME": "shop", "OTEL_EXPORTER_OTLP_TIMEOUT": PATIENCE_S, "PYTHONPATH": path, **environment}
    done = subprocess.run(
        [sys.executable, "-m", "e2e.others.calling", session],
        env={**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def main() -> None:
    firsttoken.instrument()
    with (
        ProviderServer() as provider,
        openai.OpenAI(base_url=provider.openai_base_url, api_key="none", max_retries=0) as gpt,
        anthropic.Anthropic(base_url=provider.anthropic_base_url, api_key="none", max_retries=0) as claude,
        firsttoken.context(session_id=sys.argv[1]),
    ):
        chat = partial(gpt.chat.completions.create, model=GPT, messages=_messages())
        message = partial(claude.messages.create, model=CLAUDE, messages=_messages(), max_tokens=100)
        _stream(provider, partial(chat, stream_options={"include_usage": True}))
        provider.enqueue(_answer())
        message()
        provider.enqueue(ErrorAnswer(status=500))
        with suppress(openai.APIError):
            chat()
        with firsttoken.agent("planner"), firsttoken.tool("search"):
            _stream(provider, message)
    assert firsttoken.flush(float(PATIENCE_S))


def _stream(provider: ProviderServer, ask: Callable[..., Any]) -> None:
    provider.enqueue(_answer())
    with ask(stream=True) as stream:
        for _ in stream:
            pass


def _answer() -> Answer:
    return text_answer(ANSWER[:6], ANSWER[6:], usage=USAGE)


def _messages() -> list[Any]:
    return [{"role": "user", "content": PROMPT}]


if __name__ == "__main__":
    main()
