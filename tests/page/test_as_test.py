"""A recorded call as a test: the module runs against the real SDK, which sees what was recorded."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.analyse import CallDetail
from firsttoken.analyse.answers import CallRow
from firsttoken.call import Attempt, Call, Category, Failure, Outcome, Request, Response, Stage, Usage
from firsttoken.call.content import Content, Media, Message, Reasoning, Text, ToolCall
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline
from firsttoken.page.as_test import NoTestError, as_test
from firsttoken.page.as_test.framing import FRAMINGS, events_of_pieces
from firsttoken.page.as_test.said import CUT_PIECES, JOINED, NOT_CAPTURED
from firsttoken.page.as_test.sdk import SDKS
from firsttoken.testing import Answer
from firsttoken.testing import ToolCall as Called
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire import WIRES

from .samples import EMBEDDED, HOSTILE_TEXT, MS, RATE_LIMITED, STREAMED, TIMED_OUT
from .site import Site, ids
from .test_pages import address

NASTY = "\"\"\"'''{}\\\n\u202e\u2028\x00" + HOSTILE_TEXT + '") or exec("boom")  # '
USAGE = Usage(100, 20, cache_read_tokens=30, cache_write_tokens=10)
PARTS = (Reasoning("I wonder."), Text("It is "), Text(NASTY), ToolCall("look_up", '{"city":"Köln"}', True, id="c-1"))
ENDS = {
    "openai.chat_completions": "tool_calls",
    "openai.responses": "completed",
    "anthropic.messages": "tool_use",
}
INPUT = {"openai.chat_completions": 100, "openai.responses": 100, "anthropic.messages": 60}


def detail_of(call: Call, timeline: Timeline | None = None) -> CallDetail:
    return CallDetail(CallRow(*ids(call), None, "shop", None, call), "tests", {}, {}, (), (), timeline=timeline)


def answered(api: str, *, stream: bool, parts: Sequence[Any] = PARTS) -> Call:
    return Call(
        request=Request("chat", api.partition(".")[0], api, NASTY, stream=stream),
        timing=replace(STREAMED.timing, headers_ns=2 * MS),
        outcome=Outcome.COMPLETED,
        response=Response(
            id="r-1", model="m-1", finish_reasons=(ENDS[api],), request_id="q-1", status_code=200, status="completed"
        ),
        usage=USAGE,
        content=Content(output=(Message("assistant", tuple(parts)),)),
    )


def run(module: str) -> dict[str, Any]:
    """Runs the module's own test. Gives the module."""
    space: dict[str, Any] = {}
    exec(compile(module, "test_call.py", "exec"), space)  # noqa: S102  it is what is tested
    space["test_the_call_goes_as_it_was_recorded"]()
    return space


def heard(module: str) -> Any:
    """What the SDK gave the module's test."""
    seen: list[Any] = []
    space: dict[str, Any] = {}
    exec(compile(module, "test_call.py", "exec"), space)  # noqa: S102  it is what is tested
    listen: Callable[[Any], Any] = space["heard"]
    space["heard"] = lambda answer: seen.append(listen(answer)) or seen[-1]
    space["test_the_call_goes_as_it_was_recorded"]()
    return seen[-1]


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@pytest.mark.parametrize("api", SDKS)
def test_the_sdk_hears_what_was_recorded(api: str, stream: bool) -> None:
    text, called, ended, tokens = heard(as_test(detail_of(answered(api, stream=stream))))
    assert text == "It is " + NASTY
    assert called == [("look_up", '{"city":"Köln"}')]
    assert (ended, tokens) == (ENDS[api], (INPUT[api], 20))


@pytest.mark.parametrize("api", SDKS)
def test_an_error_answer_is_raised_as_it_was(api: str) -> None:
    refused = replace(RATE_LIMITED, request=replace(RATE_LIMITED.request, api=api), attempts=(), resend_count=0)
    module = as_test(detail_of(refused))
    assert "raised.value.status_code == 429" in module
    run(module)


def test_attempts_before_the_last_are_made_again() -> None:
    again = replace(
        answered("openai.chat_completions", stream=True),
        attempts=(Attempt(5, MS, Category.RATE_LIMIT, 429), Attempt(9, MS, Category.SERVER, 503, code="busy")),
        resend_count=2,
    )
    assert run(as_test(detail_of(again)))["EARLIER"][1].code == "busy"


@pytest.mark.parametrize("api", SDKS)
@pytest.mark.parametrize(
    "ended",
    [
        replace(STREAMED, outcome=Outcome.FAILED, failure=Failure("x.Lost", "", Category.CONNECTION, Stage.MID_STREAM)),
        replace(STREAMED, outcome=Outcome.FAILED, failure=Failure("busy", "Busy.", Category.SERVER, Stage.MID_STREAM)),
        replace(STREAMED, outcome=Outcome.ABANDONED, usage=None),
        TIMED_OUT,
    ],
    ids=["lost", "failed", "left", "silent"],
)
def test_a_call_that_did_not_end_well_ends_as_it_did(api: str, ended: Call) -> None:
    said = Content(output=(Message("assistant", (Text("as far as it came"),)),))
    call = replace(ended, request=replace(ended.request, api=api), content=said)
    space = run(as_test(detail_of(call)))
    assert "".join(space.get("TEXT", ("as far as it came",))) == "as far as it came"


def test_waits_stand_before_the_events_that_were_waited_for() -> None:
    parts = (Reasoning("Hm."), Text("Good morning"), ToolCall("f", '{"a":1}', True))
    timeline = Timeline(
        arrived_ns=(3 * MS, 5 * MS, 6 * MS, 26 * MS, 27 * MS, 28 * MS, 40 * MS),
        waited_ns=(3 * MS, 2 * MS, MS, 20 * MS, MS, MS, 7 * MS),
        contents=(NOTHING, REASONING, TEXT, TEXT, NOTHING, TOOL_CALL, TOOL_CALL),
        lengths=(0, 3, 5, 7, 0, 4, 3),
    )
    call = answered("openai.chat_completions", stream=True, parts=parts)
    space = run(as_test(detail_of(call, timeline)))
    assert (space["REASONING"], space["TEXT"]) == (("Hm.",), ("Good ", "morning"))
    assert space["TOOLS"][0].arguments == ('{"a"', ":1}")
    assert space["WAITS_S"] == {1: 0.003, 2: 0.001, 3: 0.02, 5: 0.002, 6: 0.007}


def test_waits_stand_there_too_where_it_is_not_known_which_words_came_when() -> None:
    timeline = Timeline((3 * MS, 5 * MS, 25 * MS), (3 * MS, 2 * MS, 20 * MS), (NOTHING, TEXT, TEXT))
    module = as_test(detail_of(answered("anthropic.messages", stream=True, parts=[Text("Good day")]), timeline))
    space = run(module)
    assert (space["TEXT"], space["WAITS_S"]) == (("Good", " day"), {3: 0.003, 4: 0.02})
    assert CUT_PIECES in module


def test_of_a_stream_of_very_many_pieces_the_longest_wait_stays_where_it_was() -> None:
    count = 20_000
    words = [f"{number} " for number in range(count)]
    waited = [1_000] * count
    waited[12_345] = 30 * MS
    arrived = [sum(waited[:1]) + number * 1_000 for number in range(count)]
    timeline = Timeline(tuple(arrived), tuple(waited), (TEXT,) * count, tuple(map(len, words)))
    call = answered("anthropic.messages", stream=True, parts=[Text("".join(words))])
    module = as_test(detail_of(call, timeline))
    space = run(module)
    assert JOINED.format(count=count) in module
    longest = max(space["WAITS_S"], key=space["WAITS_S"].get)
    assert space["TEXT"][longest - 3].startswith("12345 ")
    assert "".join(space["TEXT"]) == "".join(words)


def test_what_was_not_captured_is_made_up_and_said_to_be() -> None:
    module = as_test(detail_of(STREAMED))
    assert NOT_CAPTURED in module
    run(module)


def test_what_the_kit_cannot_say_is_named() -> None:
    parts = [Text("See:"), Media("image", "image/png")]
    assert "no such parts: media." in as_test(detail_of(answered("openai.responses", stream=True, parts=parts)))


def test_nothing_that_came_with_a_call_is_code() -> None:
    call = answered("openai.chat_completions", stream=True)
    told = replace(call, response=replace(call.response, id=NASTY, system_fingerprint=NASTY, request_id="q"))
    constants = {node.value for node in ast.walk(ast.parse(as_test(detail_of(told)))) if isinstance(node, ast.Constant)}
    assert NASTY in constants
    assert run(as_test(detail_of(told)))["ANSWER"].id == NASTY


@pytest.mark.parametrize("api", SDKS)
def test_pieces_are_where_the_wires_put_them(api: str) -> None:
    wire = next(wire for wire in WIRES if wire.path.endswith(PATHS[api]) and wire.method == "POST")
    body: dict[str, Any] = {"model": "m", "stream": True}
    request = ReceivedRequest(
        number=1, serial="s", method="POST", path="/", query="", headers={}, content=b"", body=body
    )
    for texts, thoughts, tools in (
        (("t-1", "t-2"), ("r-1",), (("a-1", "a-2"), ("a-3",))),
        ((), ("r-1",), (("a-1",),)),
        (("t-1",), (), ()),
        ((), (), (("a-1",),)),
    ):
        calls = tuple(Called("f", pieces, id=str(number)) for number, pieces in enumerate(tools))
        answer = Answer(text=texts, reasoning=thoughts, tool_calls=calls)
        assert wire.events is not None
        events = wire.events(answer, request)
        found = events_of_pieces(FRAMINGS[api], len(thoughts), len(texts), [len(pieces) for pieces in tools])
        pieces = (*thoughts, *texts, *(piece for each in tools for piece in each))
        for event, piece in zip(found, pieces, strict=True):
            assert f'"{piece}"'.encode() in events[event]


PATHS = {
    "openai.chat_completions": "/chat/completions",
    "openai.responses": "/responses",
    "anthropic.messages": "/v1/messages",
}


def test_a_call_of_another_kind_is_refused_with_a_reason(site: Site) -> None:
    with pytest.raises(NoTestError, match=r"openai\.embeddings"):
        as_test(detail_of(EMBEDDED))
    site.add(EMBEDDED)
    answer = site.get(f"{address(EMBEDDED)}/test")
    assert (answer.status, "openai.embeddings" in answer.text) == (422, True)
    assert "Copy as test" not in site.get(address(EMBEDDED)).text


def test_the_page_gives_the_module(site: Site) -> None:
    site.add(STREAMED)
    answer = site.get(f"{address(STREAMED)}/test")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == as_test(detail_of(STREAMED))
    assert "Copy as test" in site.get(address(STREAMED)).text
