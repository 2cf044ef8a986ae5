"""No key and no header appears anywhere, whatever is captured: every byte and every word that leaves is searched."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Final

import anthropic
import openai
import pytest
from conformance.plays import ANSWER, API_KEY, NEVER_TOLD, PLAYS, PROMPT
from export.collector import Received, grpc_collector, http_collector

import firsttoken
from firsttoken import Settings
from firsttoken.settings import CAPTURE_CONTENT
from firsttoken.testing import ErrorAnswer, ProviderServer, ToolCall, text_answer, tool_call_answer

FORMLESS: Final = "plain-words-as-a-key-of-a-server-of-ones-own"
"""A key that no pattern can know."""
OTHERS: Final = "ghp_CanaryCanaryCanaryCanaryCanary012345"
"""One that somebody pastes into a prompt, and that a model passes to a tool."""
SENT: Final = "canary-header-without-any-form"
"""What a header of a single call carries."""
SESAME: Final = "canary-pass-4711"
CANARIES: Final = (API_KEY, *NEVER_TOLD, FORMLESS, OTHERS, SENT, SESAME)
SAID: Final = f"use {OTHERS}, {SENT} or {FORMLESS}, at https://me:{SESAME}@example.com/?api_key={SESAME}"


def _fails(text: str) -> str:
    raise ValueError(text)


SETTINGS: Final = {
    "none": Settings(),
    "full": Settings(capture_content="SPAN_AND_EVENT", trace_content="full"),
    "redact fails": Settings(capture_content="SPAN_AND_EVENT", trace_content="full", redact=_fails),
}


def repeat_keys(server: ProviderServer) -> None:
    """Calls whose content and whose errors are full of keys, streamed and whole, with both SDKs."""
    clients: dict[str, Any] = {
        "openai": openai.OpenAI(base_url=server.openai_base_url, api_key=FORMLESS, max_retries=1),
        "anthropic": anthropic.Anthropic(base_url=server.anthropic_base_url, api_key=FORMLESS, max_retries=1),
    }
    replies = (
        text_answer("You said ", SAID),
        tool_call_answer(ToolCall("fetch", (f'{{"token": "{OTHERS}", "password": "{SESAME}"}}',))),
        ErrorAnswer(status=401, message=f"Incorrect API key provided: {FORMLESS}. Not {OTHERS} either."),
        ErrorAnswer(status=400, message=f"{'x' * 1010} {FORMLESS}"),
        ErrorAnswer(status=400, type=f"no-{FORMLESS}", code=f"no-{FORMLESS}"),
    )
    for sdk, client in clients.items():
        create = client.chat.completions.create if sdk == "openai" else client.messages.create
        more = {"max_tokens": 9} if sdk == "anthropic" else {}
        for reply in replies:
            for stream in (False, True):
                server.enqueue(reply)
                with suppress(openai.OpenAIError, anthropic.AnthropicError):
                    messages = [{"role": "user", "content": SAID}]
                    headers = {"authorization": f"Bearer {SENT}", "x-team": NEVER_TOLD[1]}
                    answer = create(model="m", messages=messages, stream=stream, extra_headers=headers, **more)
                    list(answer) if stream else answer
        client.close()


@contextmanager
def listening() -> Iterator[list[str]]:
    """All that our loggers say, down to the last detail, as a handler writes it."""
    said: list[str] = []
    written = logging.Formatter("%(name)s %(message)s")

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(written.format(record))

    logger, handler = logging.getLogger("firsttoken"), Handler()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


@cache
def left(protocol: str, settings: str) -> tuple[Received, str]:
    """What a collector got of all calls, and what was logged."""
    collector = {"grpc": grpc_collector, "http/protobuf": http_collector}[protocol]
    with (
        pytest.MonkeyPatch.context() as environment,
        collector() as received,
        ProviderServer() as server,
        listening() as said,
    ):
        environment.delenv(CAPTURE_CONTENT, raising=False)
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        environment.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
        firsttoken.instrument(SETTINGS[settings])
        try:
            for play in PLAYS:
                play.perform(server)
            repeat_keys(server)
            assert firsttoken.flush(30)
        finally:
            firsttoken.uninstrument()
        return received, "\n".join(said)


PROTOCOLS = pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])


@PROTOCOLS
def test_every_signal_arrives_and_tells_what_was_said_where_that_is_asked_for(protocol: str) -> None:
    received, _ = left(protocol, "full")
    assert received.spans
    assert received.logs
    assert received.metrics
    assert received.provider_traces
    for said in (PROMPT, ANSWER[0], "[credential removed]", "[github_token removed]", "https://me:[secret removed]@"):
        assert said.encode() in received.sent


@PROTOCOLS
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("canary", CANARIES)
def test_no_key_and_no_header_leaves_the_process(protocol: str, settings: str, canary: str) -> None:
    received, said = left(protocol, settings)
    assert canary.encode() not in received.sent
    assert canary not in said


@PROTOCOLS
@pytest.mark.parametrize("settings", ["none", "redact fails"])
def test_no_word_leaves_where_none_is_asked_for_or_redact_fails(protocol: str, settings: str) -> None:
    received, said = left(protocol, settings)
    for words in (PROMPT, ANSWER[0], "You said"):
        assert words.encode() not in received.sent
        assert words not in said


def test_a_failure_of_ours_is_logged_without_what_it_says() -> None:
    _, said = left("grpc", "redact fails")
    assert "firsttoken could not redact and cut what was said" in said
    assert "ValueError" in said


def test_settings_do_not_show_what_may_hold_a_password() -> None:
    place = f"s3://key:{SESAME}@bucket"
    assert SESAME not in repr(Settings(content_store=place, local_endpoint=f"http://me:{SESAME}@localhost"))


def test_nothing_is_said_on_standard_error(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer() as server, http_collector() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        firsttoken.instrument(SETTINGS["full"])
        try:
            repeat_keys(server)
            assert firsttoken.flush(30)
        finally:
            firsttoken.uninstrument()
    heard = capfd.readouterr()
    assert not [canary for canary in CANARIES if canary in heard.out + heard.err]
