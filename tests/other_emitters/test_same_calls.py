"""An hour of telemetry from three other instrumentations gives the calls, tokens and cost that ours gives.

What one of them does not tell stands in a table here, and in docs/store.md: it is unknown then, and no other value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from firsttoken.analyse import CallRow, find_call, recent_calls
from firsttoken.call import Call, Category, Ledger
from firsttoken.call.content import Content, Text
from firsttoken.store import Store

from .program import HOUR_BEGAN_NS
from .recording import OPENINFERENCE, OPENLLMETRY, OPENTELEMETRY, OURS, Recorded
from .traffic import KINDS, ROUNDS, SPACING_S

Fact = Callable[[Call], Any]
UNKNOWN: Final = (None, False, Category.UNKNOWN)


def _usage(name: str) -> Fact:
    return lambda call: None if call.usage is None else getattr(call.usage, name)


def _cost(call: Call) -> Any:
    """None where it is not known."""
    return call.cost.total if isinstance(call.cost, Ledger) else None


FACTS: Final[Mapping[str, Fact]] = {
    "operation": lambda call: call.request.operation,
    "provider": lambda call: call.request.provider,
    "model": lambda call: call.request.model,
    "stream": lambda call: call.request.stream,
    "max_tokens": lambda call: call.request.parameters.max_tokens,
    "response id": lambda call: call.response.id,
    "response model": lambda call: call.response.model,
    "input": _usage("input_tokens"),
    "output": _usage("output_tokens"),
    "cache read": _usage("cache_read_tokens"),
    "cache write": _usage("cache_write_tokens"),
    "reasoning": _usage("reasoning_tokens"),
    "cost": _cost,
    "outcome": lambda call: str(call.outcome),
    "category": lambda call: call.error_category,
}

CHATS: Final = tuple(kind.name for kind in KINDS if kind.name.startswith("chat"))
RESPONSES: Final = tuple(kind.name for kind in KINDS if kind.name.startswith("response"))
MESSAGES: Final = tuple(kind.name for kind in KINDS if kind.name.startswith("message"))
STREAMS: Final = tuple(
    name for name in (*CHATS, *MESSAGES) if "stream" in name or name in ("message-told", "message-thinks")
)
CHAT_STREAMS: Final = tuple(name for name in STREAMS if name in CHATS)


@dataclass(frozen=True)
class Gaps:
    """What one instrumentation does not tell."""

    unseen: tuple[str, ...] = ()
    """Kinds of calls that leave no span."""
    untold: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Facts by kinds of calls: unknown where ours knows them."""
    wrong: Mapping[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    """What it says instead, of one fact of one kind."""
    unsaid: tuple[str, ...] = ()
    """Kinds of calls without the answer's words."""

    def may_lack(self, kind: str, fact: str) -> bool:
        return any(kind in kinds and fact in facts for kinds, facts in self.untold)


GAPS: Final[Mapping[str, Gaps]] = {
    OPENLLMETRY: Gaps(
        unseen=("message-breaks",),
        untold=(
            ((*CHATS, *RESPONSES), ("cache write",)),
            (CHAT_STREAMS, ("reasoning",)),
            (MESSAGES, ("reasoning",)),
            (tuple(name for name in MESSAGES if name in STREAMS), ("output", "cost")),
            (("chat-breaks",), ("category",)),
        ),
        wrong={("chat-breaks", "outcome"): "completed", ("embeddings", "cache read"): 0},
    ),
    OPENINFERENCE: Gaps(
        untold=(
            (CHAT_STREAMS, ("response id",)),
            (MESSAGES, ("cache read", "cache write", "reasoning")),
            (("chat-breaks", "message-breaks"), ("response id", "category")),
        ),
    ),
    OPENTELEMETRY: Gaps(
        unseen=RESPONSES,
        untold=(
            (CHATS, ("cache read", "cache write", "reasoning")),
            ((*CHAT_STREAMS, "chat-limited", "chat-breaks"), ("stream",)),
            (("chat-cached", "chat-cached-stream"), ("cost",)),
            (("chat-breaks",), ("category",)),
        ),
        unsaid=(*(name for name in MESSAGES if "stream" in name), "message-thinks", "message-breaks"),
    ),
}


def answers_of(store_path: Path) -> tuple[dict[int, CallRow], dict[int, Content | None]]:
    """The calls by their numbers, and what was said in those of the first round."""
    with Store.open(store_path, read_only=True) as store:
        rows = recent_calls(store, limit=10_000)
        calls = {(row.call.timing.started_unix_ns - HOUR_BEGAN_NS) // (SPACING_S * 10**9): row for row in rows}
        assert len(calls) == len(rows)
        first = [(number, calls[number]) for number in range(len(KINDS)) if number in calls]
        found = {number: find_call(store, row.trace_id, row.span_id) for number, row in first}
    return calls, {number: None if detail is None else detail.row.call.content for number, detail in found.items()}


def texts(content: Content | None) -> str:
    """What the model said."""
    if content is None:
        return ""
    return "".join(part.text for message in content.output for part in message.parts if isinstance(part, Text))


def question(content: Content | None) -> list[str]:
    """What the user said last."""
    if content is None or not content.input:
        return []
    return [part.text for part in content.input[-1].parts if isinstance(part, Text)]


@pytest.mark.timeout(200)
@pytest.mark.parametrize("emitter", GAPS)
def test_an_hour_of_telemetry_gives_the_same_calls_tokens_and_cost(
    emitter: str, hour_of: Callable[[str], Recorded]
) -> None:
    gaps = GAPS[emitter]
    ours, our_content = answers_of(hour_of(OURS).store)
    theirs, their_content = answers_of(hour_of(emitter).store)
    kinds = {number: KINDS[number % len(KINDS)].name for number in range(ROUNDS * len(KINDS))}
    assert ours.keys() == kinds.keys()
    assert theirs.keys() == {number for number, kind in kinds.items() if kind not in gaps.unseen}

    differences: dict[tuple[str, str], set[tuple[Any, Any]]] = {}
    told, total = 0, {OURS: Decimal(0), emitter: Decimal(0)}
    for number, row in theirs.items():
        for name, fact in FACTS.items():
            our, their = fact(ours[number].call), fact(row.call)
            lacks = gaps.may_lack(kinds[number], name) and their in UNKNOWN
            if gaps.wrong.get((kinds[number], name), our) != their and not lacks:
                differences.setdefault((kinds[number], name), set()).add((our, their))
            if name == "cost" and our is not None and not lacks:
                told += 1
                total[OURS] += our
                total[emitter] += their or 0
    assert differences == {}
    assert total[OURS] == total[emitter] > 0
    assert told > len(theirs) // 3

    for number, content in their_content.items():
        kind = kinds[number]
        if KINDS[number].name != "embeddings":  # ours does not record what is embedded
            assert (kind, question(content)) == (kind, question(our_content[number]))
        assert (kind, texts(content)) == (kind, "" if kind in gaps.unsaid else texts(our_content[number]))
