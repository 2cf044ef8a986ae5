"""One call that never happened: its words, when each of them came, what it used and what it cost."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random
from typing import Final

from firsttoken.call import (
    Attempt,
    Call,
    CallContext,
    Category,
    Failure,
    Outcome,
    Request,
    Response,
    Stage,
    Stall,
    Timing,
    Usage,
)
from firsttoken.call.content import Content, Message, Text, Tool, ToolCall
from firsttoken.call.packed_timeline import PackedTimeline, packed_long
from firsttoken.call.timeline import NOTHING, TEXT, TOOL_CALL, Timeline
from firsttoken.pricing import PriceBook

NS: Final = 1_000_000_000
STALLED_NS: Final = 10 * NS
"""How long a silence is a stall unless FIRSTTOKEN_STALL_S says otherwise."""
LETTERS_OF_A_TOKEN: Final = 4
PRICES: Final = PriceBook.load(None)
OVERLOADED: Final = Attempt(420_000_000, 800_000_000, Category.OVERLOADED, 529, request_id="req_011C")
LIMITED: Final = Failure(
    "rate_limit_error",
    "This request would exceed the rate limit of 400,000 input tokens per minute.",
    category=Category.RATE_LIMIT,
    stage=Stage.HEADERS,
    retry_after_ns=12 * NS,
)


@dataclass(frozen=True, slots=True)
class Model:
    """How fast one is. Seconds."""

    name: str
    provider: str
    api: str
    host: str
    first_token_s: float
    of_a_token_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call is about."""

    model: Model
    started_unix_ns: int
    said: CallContext
    system: str
    history: tuple[Message, ...]
    """The last of them is asked by the user."""
    answer: str
    tool: tuple[str, str] | None = None
    """The name and the arguments of what the model calls after its answer."""
    tools: tuple[str, ...] = ()
    more_input_tokens: int = 0
    """Of documents that stand in the prompt and are not shown."""
    cached: float = 0
    """Which share of the input came from the cache."""
    slower: float = 1
    """How many times as long the first token takes as usual."""
    gap: tuple[float, float] | None = None
    """After which share of the answer nothing came, and for how many seconds."""
    ending: Outcome = Outcome.COMPLETED
    resends: int = 0


def made_call(chance: Random, asked: Asked) -> Call:
    """With a timeline where something was streamed."""
    if asked.ending is Outcome.FAILED:
        return _refused(chance, asked)
    pieces, kinds = _pieces(asked)
    if asked.ending is not Outcome.COMPLETED:
        pieces = pieces[: max(3, len(pieces) * 2 // 5)]
    timeline = _timeline(chance, asked, pieces, kinds[: len(pieces)])
    timing = _timing(chance, asked, timeline)
    answered = asked.ending is Outcome.COMPLETED
    usage = _usage(asked, pieces) if answered else None
    call = Call(
        request=_request(asked),
        timing=timing,
        outcome=asked.ending,
        response=_response(chance, asked, finished=answered),
        usage=usage,
        resend_count=asked.resends,
        attempts=(OVERLOADED,) * asked.resends,
        stalls=_stalls(timeline),
        timeline=_packed(timeline),
        content=_content(asked, "".join(_texts(pieces, timeline))),
    )
    return _priced(call)


def _refused(chance: Random, asked: Asked) -> Call:
    took = int(chance.lognormvariate(-1.6, 0.3) * NS)
    call = Call(
        request=_request(asked),
        timing=Timing(asked.started_unix_ns, took, headers_ns=took - 200_000),
        outcome=Outcome.FAILED,
        response=Response(request_id=_id(chance, "req_"), status_code=429),
        failure=LIMITED,
        content=_content(asked, ""),
    )
    return _priced(call)


def _priced(call: Call) -> Call:
    return replace(call, cost=PRICES.price(call))


def _request(asked: Asked) -> Request:
    model = asked.model
    return Request("chat", model.provider, model.api, model.name, True, model.host, 443, context=asked.said)


def _response(chance: Random, asked: Asked, *, finished: bool) -> Response:
    reason = ("tool_calls" if asked.tool else "stop",) if finished else ()
    return Response(
        id=_id(chance, "msg_01" if asked.model.provider == "anthropic" else "resp_"),
        model=asked.model.name,
        finish_reasons=reason,
        request_id=_id(chance, "req_"),
        status_code=200,
    )


def _pieces(asked: Asked) -> tuple[list[str], list[int]]:
    """What each chunk carries, and of which kind it is."""
    words = re.findall(r"\s*\S+", asked.answer)
    arguments = re.findall(r".{1,6}", asked.tool[1]) if asked.tool else []
    return [*words, *arguments, ""], [TEXT] * len(words) + [TOOL_CALL] * len(arguments) + [NOTHING]


def _texts(pieces: list[str], timeline: Timeline) -> list[str]:
    return [piece for piece, kind in zip(pieces, timeline.contents, strict=True) if kind == TEXT]


def _timeline(chance: Random, asked: Asked, pieces: list[str], kinds: list[int]) -> Timeline:
    model = asked.model
    first = model.first_token_s * asked.slower * chance.lognormvariate(0, 0.35) + 1.22 * asked.resends
    pace = model.of_a_token_s * chance.lognormvariate(0, 0.2)
    waits = [int(pace * chance.lognormvariate(0, 0.6) * NS) for _ in pieces]
    waits[0] = int(first * NS)
    if asked.gap is not None:
        share, seconds = asked.gap
        waits[max(1, math.floor(share * len(waits)))] = int(seconds * NS)
    lengths = tuple(map(len, pieces))
    return Timeline(tuple(accumulate(waits)), tuple(waits), tuple(kinds), lengths)


def _packed(timeline: Timeline) -> PackedTimeline:
    """The caller asks for each chunk as soon as he has the last."""
    steps = [step for waited in timeline.waited_ns for step in (0, waited)]
    kinds = timeline.contents
    runs = [(number, kind) for number, kind in enumerate(kinds) if number == 0 or kind != kinds[number - 1]]
    return packed_long(steps, runs, timeline.lengths)


def _timing(chance: Random, asked: Asked, timeline: Timeline) -> Timing:
    first, last = timeline.arrived_ns[0], timeline.arrived_ns[-1]
    stalls = _stalls(timeline)
    return Timing(
        started_unix_ns=asked.started_unix_ns,
        duration_ns=last + int(chance.expovariate(500) * NS),
        headers_ns=int(first * chance.uniform(0.5, 0.8)),
        first_chunk_ns=first,
        first_token_ns=first,
        last_chunk_ns=last,
        chunk_count=len(timeline.arrived_ns),
        largest_gap_ns=max(timeline.waited_ns[1:]),
        provider_wait_ns=last,
        consumer_wait_ns=0,
        stall_count=len(stalls),
        stalled_ns=sum(stall.length_ns for stall in stalls),
        first_stall_ns=stalls[0].began_ns if stalls else None,
    )


def _stalls(timeline: Timeline) -> tuple[Stall, ...]:
    later = zip(timeline.arrived_ns[1:], timeline.waited_ns[1:], strict=True)
    return tuple(Stall(arrived - waited, waited) for arrived, waited in later if waited >= STALLED_NS)


def _usage(asked: Asked, pieces: list[str]) -> Usage:
    parts = (part for message in asked.history for part in message.parts)
    letters = len(asked.system) + sum(len(part.text) for part in parts if isinstance(part, Text))
    tokens = letters // LETTERS_OF_A_TOKEN + asked.more_input_tokens
    answered = sum(map(len, pieces)) // LETTERS_OF_A_TOKEN + 1
    return Usage(tokens, answered, cache_read_tokens=int(tokens * asked.cached), cache_write_tokens=0)


def _content(asked: Asked, answer: str) -> Content:
    called = ()
    if asked.tool is not None and asked.ending is Outcome.COMPLETED:
        called = (ToolCall(asked.tool[0], asked.tool[1], valid_json=True, id="call_1"),)
    parts = (*((Text(answer),) if answer else ()), *called)
    output = (Message("assistant", parts),) if parts else ()
    tools = tuple(Tool("function", name) for name in asked.tools)
    return Content(input=asked.history, system=(Text(asked.system),), tools=tools, output=output)


def _id(chance: Random, begins: str) -> str:
    return begins + chance.randbytes(12).hex()
