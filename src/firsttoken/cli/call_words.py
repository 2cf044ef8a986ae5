"""What was said in one call, in words: one fact for each message, with a line for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator

from firsttoken.analyse.answers import CallDetail
from firsttoken.call.content import (
    Compaction,
    Media,
    Part,
    Reasoning,
    Refusal,
    Sealed,
    ServerToolCall,
    ServerToolResponse,
    Text,
    ToolCall,
    ToolResponse,
    Unknown,
)
from firsttoken.cli.sections import Fact
from firsttoken.page import figures
from firsttoken.page.conversation import conversation


def conversation_facts(detail: CallDetail) -> Iterator[Fact]:
    """What was sent, then what was answered; sentences about what is missing stand at the end."""
    said = conversation(detail)
    if said.tools:
        yield "tools", ", ".join(tool.name for tool in said.tools)
    if said.dropped_messages:
        yield "left out", f"{said.dropped_messages:,} of the oldest messages: the whole would have been too long"
    for turn in said.turns:
        role = f"{turn.message.role} (answer)" if turn.answers else turn.message.role
        yield role, "\n".join(map(_words, turn.message.parts)) or "(nothing)"
    for note in said.notes:
        yield "note", note


def _words(part: Part) -> str:  # noqa: PLR0911  one for each kind of part
    match part:
        case Text():
            return part.text + _cut(part.original_bytes)
        case Refusal():
            return f"[refusal] {part.text}" + _cut(part.original_bytes)
        case Reasoning():
            kind = "summary of reasoning" if part.summary else "reasoning"
            return f"[{kind}{_size(part.sealed)}] {part.text}" + _cut(part.original_bytes)
        case Compaction():
            return f"[earlier turns in short{_size(part.sealed)}] {part.text or ''}" + _cut(part.original_bytes)
        case ToolCall() | ServerToolCall():
            return f"[call of {part.name}] {part.arguments}" + _cut(part.original_bytes)
        case ToolResponse():
            failed = ", which failed" if part.failed else ""
            return f"[result of a tool{failed}] " + "\n".join(map(_words, part.parts))
        case ServerToolResponse() | Unknown():
            return f"[{part.kind}] {part.body}" + _cut(part.original_bytes)
        case Media():
            named = part.uri or part.file_id or part.name or ""
            return f"[{part.modality}{_size(part.sealed)}] {part.transcript or named}"


def _size(seal: Sealed | None) -> str:
    return "" if seal is None else f", {figures.size(seal.size_bytes)}".replace(figures.SPACE, " ")


def _cut(original_bytes: int | None) -> str:
    return "" if original_bytes is None else f" [... of {original_bytes:,} bytes]"
