"""The parts of a stored call's usage, read again from what was kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

import pytest

from firsttoken.call import Call, Outcome, Request, Timing, Usage
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.portions import told_portions

USAGE: Final[dict[str, Any]] = {
    "input_tokens": 100,
    "output_tokens": 40,
    "iterations": [
        {"type": "message", "input_tokens": 100, "output_tokens": 40},
        {"type": "advisor_message", "model": "claude-opus-4-8", "input_tokens": 823, "output_tokens": 1612},
    ],
}
SAID: Final = AnthropicMessages().read_answer(
    {"model": "claude-sonnet-5", "content": [], "stop_reason": "end_turn", "usage": USAGE}
)
CALL: Final = Call(
    Request("chat", "anthropic", "anthropic.messages", "claude-sonnet-5"),
    Timing(1, 1),
    Outcome.COMPLETED,
    response=SAID.response,
    usage=SAID.usage,
    raw_usage=SAID.raw_usage,
)


def test_the_runs_of_a_stored_message_are_those_that_it_was_billed_by():
    assert len(SAID.portions) == 2
    assert SAID.portions == told_portions(CALL)


@pytest.mark.parametrize(
    "other",
    [
        {"raw_usage": None},
        {"raw_usage": "not JSON"},
        {"raw_usage": "[" * 100_000},
        {"raw_usage": json.dumps(USAGE | {"input_tokens": 101})},
        {"usage": None},
        {"usage": Usage(100, 40)},
        {"request": replace(CALL.request, api="openai.responses")},
    ],
    ids=["no_usage_kept", "nonsense", "too_deep", "another_usage", "no_usage", "one_run", "another_api"],
)
def test_what_does_not_say_the_same_has_no_parts(other):
    assert told_portions(replace(CALL, **other)) == ()
