"""What a tool is run with: the object that the model wrote, and nothing that it did not."""

from __future__ import annotations

from typing import Any

import pytest
from installed import needs
from observe.program import PROGRAMS

from adapter.over_loopback import ASKED, ask
from firsttoken.adapter import ToolCallComplete
from firsttoken.call.content import ToolCall as Called
from firsttoken.testing import Answer, ProviderServer, ToolCall

WRITTEN: list[tuple[str, dict[str, Any] | None]] = [
    ("", {}),
    (" \n", {}),
    ("{}", {}),
    ('{"a": [1, null]}', {"a": [1, None]}),
    ('{"a": 1', None),
    ('{"a": NaN}', None),
    ("[]", None),
    ("null", None),
    ("[" * 100_000, None),
]


@pytest.mark.parametrize(("written", "parsed"), WRITTEN, ids=lambda value: repr(value)[:20])
def test_what_is_no_object_is_none_and_nothing_is_an_empty_one(written: str, parsed: object) -> None:
    assert ToolCallComplete(0, "c", "f", written, False, False, None).parsed == parsed
    assert Called("f", written, valid_json=False).parsed == parsed


@pytest.mark.parametrize(
    "wire", ["chat", pytest.param("responses", marks=needs("openai.resources.responses")), "messages"]
)
def test_a_call_without_arguments_can_be_run_on_every_wire(wire: str) -> None:
    with ProviderServer(lambda _: Answer(tool_calls=(ToolCall("now", ("",)),))) as server:
        events, said = ask(wire, PROGRAMS["sync"], server, ASKED[wire])
    (complete,) = (event for event in events if isinstance(event, ToolCallComplete))
    (called,) = said.tool_calls
    assert (complete.parsed, called.parsed) == ({}, {})
    assert complete.arguments == called.arguments == ("{}" if wire == "messages" else "")
