"""The text of the module. All that comes from a call is in it by `repr` alone: nothing of it can become code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.call import Call, Usage
from firsttoken.page import figures
from firsttoken.page.as_test.said import Said
from firsttoken.page.as_test.script import Ending, Recorded, recorded, refusal_of
from firsttoken.page.as_test.sdk import SDKS, Sdk

WIDTH: Final = 110
MODEL: Final = "model"
PROMPT: Final = "The prompt of the test: the server answers alike whatever is asked."
TESTABLE: Final = ", ".join(SDKS)
CUT_NOTE: Final = "The connection was lost in the middle: here it is closed there."
LEFT_NOTE: Final = "The caller left before the end: here the stream ends where he left."
TIMEOUT_NOTE: Final = "There was no answer: here the connection is closed before one."
INDENT: Final = "    "
RAISING: Final = ("refused", "silent", "failed", "cut")
UNANSWERED: Final = ("refused", "silent")
REFUSED: Final = """\
    with pytest.raises({package}.APIStatusError) as raised:
        client.{ask}(**REQUEST)"""
SILENT: Final = """\
    with pytest.raises({package}.APIConnectionError):
        client.{ask}(**REQUEST)"""
BROKEN: Final = """\
    came = []
    with pytest.raises(Exception):  # noqa: B017, PT011  the SDKs raise errors of several kinds here
        for event in client.{ask}(**REQUEST):
            came.append(event)
    text, called, ended, tokens = heard(came)"""
ANSWERED: Final = """\
    text, called, ended, tokens = heard(client.{ask}(**REQUEST))"""
ASKED: Final = {"refused": REFUSED, "silent": SILENT, "failed": BROKEN, "cut": BROKEN}
WHOLE: Final = {"refused": REFUSED, "silent": SILENT}
"""The code that asks, by how the answer ends; any other is heard out."""


class NoTestError(ValueError):
    """The call is of a kind that no test can be made of. The message is one line for who asked."""


def can_be_tested(call: Call) -> bool:
    return call.request.api in SDKS and call.request.operation not in ("fetch_response", "cancel_response")


def as_test(detail: CallDetail) -> str:
    """The module, ready to be run by pytest. Raises NoTestError."""
    call = detail.row.call
    if not can_be_tested(call):
        raise NoTestError(
            f"no test can be made of a call of {call.request.operation!r} on {call.request.api!r}: "
            f"there is one for answers on {TESTABLE}"
        )
    sdk = SDKS[call.request.api]
    told = recorded(detail, sdk)
    parts = [_head(detail, told, sdk), ("",), _script(call, told, sdk), ("", "")]
    if told.ending.kind not in UNANSWERED:
        parts += [_heard_code(call, told, sdk).splitlines(), ("", "")]
    return "\n".join(line for part in (*parts, _test(call, told, sdk)) for line in part) + "\n"


def _head(detail: CallDetail, told: Recorded, sdk: Sdk) -> Iterator[str]:
    call = detail.row.call
    yield "# A recorded call as a test: the provider server of firsttoken.testing answers as the provider did."
    yield f"# Trace {detail.row.trace_id!r}, span {detail.row.span_id!r}, of {figures.iso(call.timing.started_unix_ns)}"
    yield f"# on {call.request.api!r}. It needs pip install 'firsttoken[testing]' {sdk.package} pytest"
    notes = [*told.said.notes, *_notes(call, told)]
    if notes:
        yield "#"
        yield "# Not as it was:"
        yield from (f"# - {note}" for note in notes)
    yield ""
    if "json." in _heard_code(call, told, sdk):
        yield from ("import json", "")
    yield f"import {sdk.package}"
    if told.ending.kind in RAISING:
        yield "import pytest"
    yield ""
    if told.usage is not None and told.ending.kind not in UNANSWERED:
        yield "from firsttoken.call import Usage"
    yield f"from firsttoken.testing import {', '.join(_names(call, told))}"


def _names(call: Call, told: Recorded) -> Iterator[str]:
    kinds = {told.ending.kind, *(refusal_of(attempt).kind for attempt in call.attempts)}
    if told.ending.kind not in UNANSWERED:
        yield "Answer"
        yield from ("Cut",) if told.ending.kind in ("cut", "left") else ()
        yield "Delivery"
    yield from ("ErrorAnswer",) if kinds & {"refused", "failed"} else ()
    yield from ("NoAnswer",) if "silent" in kinds else ()
    yield "ProviderServer"
    yield from ("ToolCall",) if told.said.tools and told.ending.kind not in UNANSWERED else ()


def _notes(call: Call, told: Recorded) -> Iterator[str]:
    if told.ending.kind == "cut":
        yield CUT_NOTE
    if told.ending.kind == "left":
        yield LEFT_NOTE
    if told.ending.kind == "silent":
        yield TIMEOUT_NOTE
    if call.request.stream and told.said.pieces and told.said.waits_s is None and told.ending.kind not in UNANSWERED:
        yield "No waits between events are known: they come at once after the headers."
    if call.usage is not None and call.usage.partial:
        yield "Of the usage there are the counts that had come before the end."


def _script(call: Call, told: Recorded, sdk: Sdk) -> Iterator[str]:
    yield "PACE = 1.0  # of the recorded waits; 0 waits for nothing"
    yield f"MODEL = {call.request.model or MODEL!r}"
    yield f"PROMPT = {PROMPT!r}"
    yield f"REQUEST = {sdk.request}{' | ' + sdk.streamed if call.request.stream else ''}"
    yield from _earlier(call, sdk)
    if told.ending.kind == "refused":
        yield f"ANSWER = {_error(told.ending, sdk)}"
        return
    if told.ending.kind == "silent":
        yield "ANSWER = NoAnswer(reset=False)"
        return
    yield from _texts("TEXT", told.said.text)
    yield from _texts("REASONING", told.said.reasoning)
    yield from _tools(told.said)
    yield from _pairs("WAITS_S", told.waits_s, "by the number of the event that is waited for")
    yield from _answer(call, told, sdk)


def _earlier(call: Call, sdk: Sdk) -> Iterator[str]:
    followed = call.attempts[: call.resend_count]
    if not followed:
        yield "EARLIER = ()"
        return
    yield "EARLIER = (  # attempts that failed before, and are made again by the SDK"
    for attempt in followed:
        refusal = refusal_of(attempt)
        yield f"{INDENT}{_error(refusal, sdk) if refusal.kind == 'refused' else 'NoAnswer(reset=False)'},"
    yield ")"


def _error(ending: Ending, sdk: Sdk) -> str:
    given = [f"status={ending.status!r}"]
    if ending.message is not None:
        given.append(f"message={ending.message!r}")
    if ending.word is not None:
        given.append(f"{sdk.error_word}={ending.word!r}")
    if ending.retry_after_ns is not None:
        given.append(f"headers={{'retry-after-ms': str(round({ending.retry_after_ns / 1e6!r} * PACE))}}")
    return f"ErrorAnswer({', '.join(given)})"


def _texts(name: str, pieces: Iterable[str]) -> Iterator[str]:
    found = [*pieces]
    if not found:
        yield f"{name} = ()"
        return
    yield f"{name} = ("
    yield from _filled(f"{piece!r}," for piece in found)
    yield ")"


def _tools(said: Said) -> Iterator[str]:
    if not said.tools:
        return
    yield "TOOLS = ("
    for tool in said.tools:
        arguments = ", ".join(f"{piece!r}" for piece in tool.pieces)
        yield f"{INDENT}ToolCall({tool.name!r}, ({arguments},), id={tool.id!r}),"
    yield ")"


def _pairs(name: str, pairs: dict[int, float], meaning: str) -> Iterator[str]:
    if not pairs:
        yield f"{name} = {{}}"
        return
    yield f"{name} = {{  # {meaning}"
    yield from _filled(f"{key!r}: {value!r}," for key, value in pairs.items())
    yield "}"


def _filled(words: Iterable[str]) -> Iterator[str]:
    line = INDENT
    for word in words:
        if len(line) > len(INDENT) and len(line) + len(word) >= WIDTH:
            yield line.rstrip()
            line = INDENT
        line += f"{word} "
    yield line.rstrip()


def _answer(call: Call, told: Recorded, sdk: Sdk) -> Iterator[str]:
    response = call.response
    yield "ANSWER = Answer("
    yield f"{INDENT}text=TEXT,"
    yield f"{INDENT}reasoning=REASONING,"
    if told.said.tools:
        yield f"{INDENT}tool_calls=TOOLS,"
    if told.usage is not None:
        yield f"{INDENT}usage={_usage(told.usage)},"
    for name, value in (
        ("finish_reason", told.finish_reason),
        ("status", told.status if told.ending.kind == "whole" else None),
        ("id", response.id),
        ("model", response.model),
        ("system_fingerprint", response.system_fingerprint),
    ):
        if value is not None:
            yield f"{INDENT}{name}={value!r},"
    yield f"{INDENT}service_tier={response.service_tier!r},"
    if told.ending.kind == "failed":
        yield f"{INDENT}error={_error(told.ending, sdk)},"
        yield f"{INDENT}error_after={told.events!r},"
    if response.request_id is not None:
        yield f"{INDENT}headers={{'x-request-id': {response.request_id!r}, 'request-id': {response.request_id!r}}},"
    yield f"{INDENT}delivery=Delivery("
    yield f"{INDENT}{INDENT}headers_after={told.headers_s!r} * PACE,"
    yield f"{INDENT}{INDENT}before={{event: wait * PACE for event, wait in WAITS_S.items()}},"
    if told.ending.kind in ("cut", "left"):
        yield f"{INDENT}{INDENT}stop_after={told.events!r},"
        yield f"{INDENT}{INDENT}stop_by=Cut.{'CLOSE' if told.ending.kind == 'cut' else 'END'},"
    yield f"{INDENT}),"
    yield ")"


def _usage(usage: Usage) -> str:
    counts = ((field.name, getattr(usage, field.name)) for field in fields(usage) if field.name != "partial")
    return f"Usage({', '.join(f'{name}={count!r}' for name, count in counts if count is not None)})"


def _heard_code(call: Call, told: Recorded, sdk: Sdk) -> str:
    if told.ending.kind in UNANSWERED:
        return ""
    return sdk.heard_streamed if call.request.stream else sdk.heard


def _test(call: Call, told: Recorded, sdk: Sdk) -> Iterator[str]:
    yield "def test_the_call_goes_as_it_was_recorded() -> None:"
    yield f"{INDENT}with ProviderServer() as server:"
    yield f"{INDENT}{INDENT}server.enqueue(*EARLIER, ANSWER)"
    yield f"{INDENT}{INDENT}client = {sdk.client}"
    asked = ASKED.get(told.ending.kind, ANSWERED) if call.request.stream else WHOLE.get(told.ending.kind, ANSWERED)
    yield from (f"{INDENT}{line}" for line in asked.format(package=sdk.package, ask=sdk.ask).splitlines())
    yield f"{INDENT}{INDENT}client.close()"
    yield from (f"{INDENT}{line}" for line in _asserted(told, sdk))


def _asserted(told: Recorded, sdk: Sdk) -> Iterator[str]:
    kind = told.ending.kind
    if kind == "refused":
        yield f"assert raised.value.status_code == {told.ending.status!r}"
        if told.ending.message is not None:
            yield f"assert {told.ending.message!r} in raised.value.message"
    if kind in UNANSWERED:
        return
    yield 'assert text == "".join(TEXT)'
    if kind != "whole":
        return
    expected = '[(tool.name, "".join(tool.arguments)) for tool in TOOLS]' if told.said.tools else "[]"
    yield f"assert called == {expected}"
    ended = (told.status or "completed") if sdk.ends_by_status else told.finish_reason
    yield f"assert ended == {ended!r}"
    yield f"assert tokens == {_tokens(told.usage, sdk)!r}"


def _tokens(usage: Usage | None, sdk: Sdk) -> tuple[int, int] | None:
    """As the SDK counts them."""
    if usage is None:
        return None
    cached = 0 if sdk.input_counts_cached else (usage.cache_read_tokens or 0) + (usage.cache_write_tokens or 0)
    return (usage.input_tokens or 0) - cached, usage.output_tokens or 0
