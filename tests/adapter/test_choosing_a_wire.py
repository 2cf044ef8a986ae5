"""Which wire a request goes by, where a client speaks several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from installed import needs
from openai import OpenAI

from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage
from firsttoken.testing import ProviderServer

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
ASK = Ask("m", [AskMessage("user", "Hi")])
MESSAGES = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
INPUT = {"model": "m", "input": "Hi"}


@needs("openai.resources.responses")
@pytest.mark.parametrize(
    ("request_", "api", "path"),
    [
        (ASK, None, CHAT),
        (ASK, "openai.chat_completions", CHAT),
        (ASK, "openai.responses", RESPONSES),
        (MESSAGES, None, CHAT),
        (INPUT, None, RESPONSES),
    ],
    ids=["an ask", "an ask by chat", "an ask by responses", "arguments of chat", "arguments of responses"],
)
def test_arguments_go_where_they_fit_and_an_ask_where_it_is_told(
    request_: Mapping[str, Any] | Ask, api: str | None, path: str, adapters: object, provider: ProviderServer
) -> None:
    with OpenAI(api_key="key", base_url=provider.openai_base_url) as client:
        result = StreamAdapter(client, api=api).stream(request_).read()
    assert [path] == [request.path for request in provider.requests]
    assert result.text


@pytest.mark.usefixtures("adapters")
def test_a_tool_that_needs_approval_is_not_taken_for_its_letters(provider: ProviderServer) -> None:
    with OpenAI(api_key="key", base_url=provider.openai_base_url) as client:
        adapter = StreamAdapter(client)
        with pytest.raises(TypeError, match=r"give \{'book_table'\}"):
            adapter.stream(ASK, needs_approval="book_table")
