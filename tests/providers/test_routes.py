"""Which requests of an SDK are calls, and how each is read."""

from __future__ import annotations

import pytest

from firsttoken.providers.sdk import ANTHROPIC, OPENAI, Sdk


@pytest.mark.parametrize(
    ("api", "sdk", "method", "url"),
    [
        ("openai.chat_completions", OPENAI, "post", "/chat/completions"),
        ("openai.chat_completions", OPENAI, "POST", "/chat/completions?x=1"),
        ("openai.responses", OPENAI, "post", "/responses"),
        ("openai.responses", OPENAI, "get", "/responses/resp_1?stream=true"),
        ("openai.embeddings", OPENAI, "post", "/embeddings"),
        ("openai.completions", OPENAI, "post", "/completions"),
        ("anthropic.messages", ANTHROPIC, "post", "/v1/messages"),
        ("anthropic.messages", ANTHROPIC, "post", "/v1/messages?beta=true"),
        ("anthropic.count_tokens", ANTHROPIC, "post", "/v1/messages/count_tokens?beta=true"),
        ("anthropic.batches", ANTHROPIC, "post", "/v1/messages/batches"),
        ("anthropic.batches", ANTHROPIC, "get", "/v1/messages/batches/msgbatch_1/results"),
        ("anthropic.batches", ANTHROPIC, "get", "https://api.anthropic.com/v1/messages/batches/msgbatch_1/results"),
        ("anthropic.completions", ANTHROPIC, "post", "/v1/complete"),
    ],
)
def test_a_call_is_known_by_its_method_and_path(api: str, sdk: Sdk, method: str, url: str) -> None:
    wire = sdk.wire_for(method, url)
    assert wire is not None
    assert api == wire.api


@pytest.mark.parametrize(
    ("sdk", "method", "url"),
    [
        (OPENAI, "get", "/chat/completions"),
        (OPENAI, "get", "/models"),
        (OPENAI, "get", "/responses"),
        (OPENAI, "delete", "/responses/resp_1"),
        (OPENAI, "post", "/responses/resp_1/cancel"),
        (OPENAI, "get", "/responses/resp_1/input_items"),
        (OPENAI, "post", "/responses/input_tokens"),
        (OPENAI, "post", "/v1/messages"),
        (OPENAI, "post", "/chat/completions/cmpl_1"),
        (ANTHROPIC, "get", "/v1/messages"),
        (ANTHROPIC, "get", "/v1/messages/batches"),
        (ANTHROPIC, "get", "/v1/messages/batches/msgbatch_1"),
        (ANTHROPIC, "post", "/v1/messages/batches/msgbatch_1/cancel"),
        (ANTHROPIC, "delete", "/v1/messages/batches/msgbatch_1"),
        (ANTHROPIC, "post", "/v1/messages/x"),
        (ANTHROPIC, "post", ""),
    ],
)
def test_everything_else_is_none(sdk: Sdk, method: str, url: str) -> None:
    assert sdk.wire_for(method, url) is None


def test_the_wire_of_results_knows_whose_they_are() -> None:
    wire = ANTHROPIC.wire_for("get", "https://gateway.example/claude/v1/messages/batches/msgbatch%201/results?x=1")
    assert wire is not None
    assert wire.response_id == "msgbatch 1"
