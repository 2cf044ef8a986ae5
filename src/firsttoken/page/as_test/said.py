"""What an answer is made up of, as far as it was recorded: text, reasoning and calls of tools in pieces, with waits."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.call.content import Content, Part, Reasoning, Refusal, Text, ToolCall
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline
from firsttoken.page.timeline.words import words_of
from firsttoken.page.told_content import content_of

MOST_PIECES: Final = 1_000
"""A test of more is no longer read by anybody: neighbours with the shortest waits between them become one piece."""
FILLER: Final = "token "
NOT_CAPTURED: Final = "What was said was not captured: these words stand in its place, one for each piece."
CUT_PIECES: Final = "Which words came in which event is not known: the text is cut into pieces of one length."
JOINED: Final = (
    "The answer came in {count:,} pieces: those with the shortest waits between them are one piece here, and what they "
    "waited is part of the next wait."
)
CUT: Final = "Some of what was said was cut or left out when it was captured: here is what is left."
OTHER_PARTS: Final = "Left out, because the test kit's answers have no such parts: {kinds}."
MORE_CHOICES: Final = "The answer had {count} choices: here is the first."
OTHER_ORDER: Final = "Reasoning, text and calls of tools came in another order."
S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tool:
    """One call of a tool."""

    id: str | None
    name: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """All of it. `waits_s` has one value for each piece: reasoning first, then text, then the tools'."""

    text: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    waits_s: tuple[float, ...] | None = None
    """None where they are not known."""
    notes: tuple[str, ...] = ()
    """Sentences about what is not as it was."""

    @property
    def pieces(self) -> tuple[str, ...]:
        return (*self.reasoning, *self.text, *(piece for tool in self.tools for piece in tool.pieces))


def said_in(detail: CallDetail) -> Said:
    """As it was, where that is known; the notes tell what was made up."""
    content = content_of(detail)
    timeline = detail.timeline
    if content is None or not content.output:
        return _filler(detail, timeline)
    parts = content.output[0].parts
    notes = tuple(_notes(content, parts))
    words = None if timeline is None else words_of(timeline, content)
    if timeline is None:
        return _whole(parts, notes)
    if words is None:
        words, notes = _spread(parts, timeline), (*notes, CUT_PIECES)
    return _with_words(Said(notes=notes), parts, timeline, words, detail.row.call.timing.headers_ns)


def _notes(content: Content, parts: Sequence[Part]) -> Iterator[str]:
    if len(content.output) > 1:
        yield MORE_CHOICES.format(count=len(content.output))
    if any(getattr(part, "original_bytes", None) is not None for part in parts):
        yield CUT
    others = sorted({part.type for part in parts if not isinstance(part, Text | Refusal | Reasoning | ToolCall)})
    if others:
        yield OTHER_PARTS.format(kinds=", ".join(others))


def _filler(detail: CallDetail, timeline: Timeline | None) -> Said:
    """As many pieces as came, where that is known."""
    usage = detail.row.call.usage
    if usage is None and timeline is None and detail.row.call.failure is not None:
        return Said()
    if timeline is None:
        count = min(max((usage.output_tokens if usage else 0) or 1, 1), MOST_PIECES)
        return Said(text=(FILLER,) * count, notes=(NOT_CAPTURED,))
    chunks = [at for at, kind in enumerate(timeline.contents) if kind != NOTHING]
    if not chunks:
        return Said()
    waits = _waits(timeline, chunks, detail.row.call.timing.headers_ns)
    return _bounded(Said(text=(FILLER,) * len(chunks), waits_s=waits, notes=(NOT_CAPTURED,)))


def _whole(parts: Iterable[Part], notes: tuple[str, ...]) -> Said:
    """In one piece each: nobody knows how they came."""
    text, reasoning, calls = _gathered(parts)
    tools = tuple(Tool(call.id, call.name, (call.arguments,)) for call in calls)
    return Said(_one(text), _one(reasoning), tools, notes=notes)


def _spread(parts: Iterable[Part], timeline: Timeline) -> tuple[str, ...]:
    """What was said, as evenly over the chunks of its kind as can be."""
    text, reasoning, calls = _gathered(parts)
    said = {TEXT: text, REASONING: reasoning, TOOL_CALL: "".join(call.arguments for call in calls)}
    counts = {kind: sum(each == kind for each in timeline.contents) for kind in said}
    reached = dict.fromkeys(said, 0)
    words: list[str] = []
    for kind in timeline.contents:
        if kind not in said:
            words.append("")
            continue
        number, count, length = reached[kind], counts[kind], len(said[kind])
        words.append(said[kind][number * length // count : (number + 1) * length // count])
        reached[kind] = number + 1
    return tuple(words)


def _with_words(
    empty: Said, parts: Sequence[Part], timeline: Timeline, words: Sequence[str], headers_ns: int | None
) -> Said:
    """Every event's own words, and the wait for it."""
    text, reasoning, calls = _gathered(parts)
    chunks = {kind: [at for at, each in enumerate(timeline.contents) if each == kind and words[at]] for kind in KINDS}
    tools = tuple(_tools(calls, [(at, words[at]) for at in chunks[TOOL_CALL]]))
    said = {TEXT: text, REASONING: reasoning}
    pieces = {kind: tuple(words[at] for at in chunks[kind]) or _one(said[kind]) for kind in said}
    order = (*chunks[REASONING], *chunks[TEXT], *(at for _, found in tools for at in found))
    told = replace(empty, text=pieces[TEXT], reasoning=pieces[REASONING], tools=tuple(tool for tool, _ in tools))
    if len(order) != len(told.pieces):
        return told
    if list(order) != sorted(order):
        told = replace(told, notes=(*told.notes, OTHER_ORDER))
    return _bounded(replace(told, waits_s=_waits(timeline, order, headers_ns)))


KINDS: Final = (TEXT, REASONING, TOOL_CALL)


def _gathered(parts: Iterable[Part]) -> tuple[str, str, list[ToolCall]]:
    text, reasoning, calls = "", "", list[ToolCall]()
    for part in parts:
        match part:
            case Text() | Refusal():
                text += part.text
            case Reasoning():
                reasoning += part.text
            case ToolCall():
                calls.append(part)
            case _:
                pass
    return text, reasoning, calls


def _tools(calls: Iterable[ToolCall], pieces: Sequence[tuple[int, str]]) -> Iterator[tuple[Tool, tuple[int, ...]]]:
    """Each with the chunks of its arguments. A piece is of the call whose arguments are not yet whole."""
    left = list(pieces)
    for call in calls:
        mine: list[tuple[int, str]] = []
        while left and sum(len(words) for _, words in mine) < len(call.arguments):
            mine.append(left.pop(0))
        fits = "".join(words for _, words in mine) == call.arguments
        texts = tuple(words for _, words in mine) if fits and mine else (call.arguments,)
        yield Tool(call.id, call.name, texts), tuple(at for at, _ in mine) if fits else ()


def _waits(timeline: Timeline, chunks: Sequence[int], headers_ns: int | None) -> tuple[float, ...]:
    """The first is from the headers on. Waits for chunks without content are part of that for the next with some; what
    the caller took his time for is not waited for."""
    waits: list[float] = []
    before: int | None = None
    for at in chunks:
        if before is None:
            own = timeline.arrived_ns[at] - (headers_ns or 0)
        else:
            own = sum(timeline.waited_ns[min(before + 1, at) : at + 1])
        waits.append(max(own, 0) / S)
        before = at if before is None else max(before, at)
    return tuple(waits)


def _one(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _bounded(said: Said) -> Said:
    """With fewer pieces where there are too many: the longest waits stay where they were."""
    waits = said.waits_s
    if waits is None or len(waits) <= MOST_PIECES:
        return said
    keep = set(heapq.nlargest(MOST_PIECES, range(len(waits)), key=lambda at: waits[at]))
    numbers = iter(range(len(waits)))
    kept: list[float] = []
    owed = 0.0

    def merged(pieces: tuple[str, ...]) -> tuple[str, ...]:
        nonlocal owed
        found: list[list[str]] = []
        for index, piece in enumerate(pieces):
            number = next(numbers)
            if index == 0 or number in keep:
                found.append([piece])
                kept.append(waits[number] + owed)
                owed = 0.0
            else:
                found[-1].append(piece)
                owed += waits[number]
        return tuple("".join(each) for each in found)

    reasoning, text = merged(said.reasoning), merged(said.text)
    tools = tuple(replace(tool, pieces=merged(tool.pieces)) for tool in said.tools)
    return Said(text, reasoning, tools, tuple(kept), (*said.notes, JOINED.format(count=len(waits))))
