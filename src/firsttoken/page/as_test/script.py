"""What the provider server is to answer, and what the SDK then has to say: the values that a module is written from."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.call import Attempt, Call, Category, Outcome, Stage, Usage
from firsttoken.page.as_test.framing import FRAMINGS, events_of_pieces
from firsttoken.page.as_test.said import Said, said_in
from firsttoken.page.as_test.sdk import Sdk

FINISHED: Final = {"openai.chat_completions": ("stop", "tool_calls"), "anthropic.messages": ("end_turn", "tool_use")}
"""The reasons of an answer whose own is not known, without and with calls of tools."""
LEAST_WAIT_S: Final = 0.0005
NO_REASON: Final = "error"
"""What stands where a reason was expected and did not come."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the reply ends, as the server brings it about: `whole`, `refused` (an HTTP error), `silent` (no answer),
    `failed` (an error event), `cut` (the connection is lost) or `left` (the caller went; here the stream ends)."""

    kind: str
    status: int = 200
    message: str | None = None
    word: str | None = None
    """The provider's code or type."""
    retry_after_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call."""

    said: Said
    ending: Ending
    usage: Usage | None
    finish_reason: str | None
    status: str | None
    """Of a response."""
    waits_s: dict[int, float]
    """By the number of the event that is waited for; those that can be felt."""
    headers_s: float
    events: int
    """How many of them there are, up to the last piece."""


def recorded(detail: CallDetail, sdk: Sdk) -> Recorded:
    call = detail.row.call
    said = said_in(detail)
    if not sdk.input_counts_cached:
        said = _with_objects(said)
    numbers = tuple(
        events_of_pieces(
            FRAMINGS[call.request.api], len(said.reasoning), len(said.text), [len(tool.pieces) for tool in said.tools]
        )
    )
    waits = dict(zip(numbers, said.waits_s, strict=True)) if said.waits_s is not None and call.request.stream else {}
    return Recorded(
        said=said,
        ending=ending_of(call),
        usage=None if call.usage is None else replace(call.usage, partial=False),
        finish_reason=_finish_reason(call, said, sdk),
        status=call.response.status if sdk.ends_by_status else None,
        waits_s={event: round(wait, 4) for event, wait in waits.items() if wait >= LEAST_WAIT_S},
        headers_s=round((call.timing.headers_ns or 0) / 1e9, 4),
        events=max(numbers, default=FRAMINGS[call.request.api].opening - 1) + 1,
    )


def ending_of(call: Call) -> Ending:
    failure, status = call.failure, call.response.status_code
    if call.outcome is Outcome.COMPLETED:
        return Ending("whole")
    if call.outcome not in (Outcome.FAILED, Outcome.TIMED_OUT):
        return Ending("left")
    message = None if failure is None else failure.message or None
    if failure is not None and failure.stage is Stage.MID_STREAM:
        lost = failure.category in (Category.CONNECTION, Category.TIMEOUT)
        return Ending("cut") if lost else Ending("failed", 500, message, failure.code or failure.type)
    if failure is not None and status is not None and status >= 400:
        return Ending("refused", status, message, failure.code or failure.type, failure.retry_after_ns)
    return Ending("silent")


def refusal_of(attempt: Attempt) -> Ending:
    """Of an attempt that was made again."""
    if attempt.status_code is None or attempt.status_code < 400:
        return Ending("silent")
    return Ending("refused", attempt.status_code, None, attempt.code, attempt.wait_ns)


def _finish_reason(call: Call, said: Said, sdk: Sdk) -> str | None:
    told = next(iter(call.response.finish_reasons or ()), None)
    if sdk.ends_by_status:
        return told if call.response.status in ("incomplete", "failed") else None
    if told is not None and told != NO_REASON:
        return told
    return FINISHED[call.request.api][bool(said.tools)]


def _with_objects(said: Said) -> Said:
    """On a wire whose arguments are objects, those that are none are empty: the wire cannot say them."""
    tools = tuple(replace(tool, pieces=_object(tool.pieces)) for tool in said.tools)
    changed = [tool.pieces for tool in tools] != [tool.pieces for tool in said.tools]
    return replace(said, tools=tools, waits_s=None) if changed else said


def _object(pieces: tuple[str, ...]) -> tuple[str, ...]:
    text = "".join(pieces)
    try:
        value: object = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return ("{}",)
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return pieces if compact == text else (compact,)
