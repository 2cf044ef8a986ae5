"""The answers that tests ask for most, on both wires. `dataclasses.replace` turns them into others."""

from __future__ import annotations

from dataclasses import replace

from firsttoken.call import Usage
from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.delivery import Delivery

INPUT_TOKENS = 12
WORDS = ("First", " token", ",", " then", " the", " rest", ".")
THOUGHTS = ("The", " user", " greets", " me", ".")
ARGUMENTS = ('{"city"', ': "Zürich"', ', "days": 3}')


def text_answer(*pieces: str, usage: Usage | None = None, delivery: Delivery | None = None) -> Answer:
    """Plain text, one streamed delta per piece. Without a usage every piece counts as one output token."""
    answer = Answer(text=pieces or WORDS, usage=usage, delivery=delivery or Delivery())
    return answer if usage is not None else counted(answer)


def reasoning_answer(*pieces: str, reasoning: tuple[str, ...] = THOUGHTS, delivery: Delivery | None = None) -> Answer:
    """Reasoning before the text: `reasoning_content` deltas or a signed thinking block."""
    return counted(Answer(text=pieces or WORDS, reasoning=reasoning, delivery=delivery or Delivery()))


def tool_call_answer(*calls: ToolCall, text: tuple[str, ...] = (), delivery: Delivery | None = None) -> Answer:
    """One or more tool calls, after some text if there is any."""
    weather = ToolCall("get_weather", ARGUMENTS)
    return counted(Answer(text=text, tool_calls=calls or (weather,), delivery=delivery or Delivery()))


def cached_answer(
    *pieces: str, read: int = 1_024, write_5m: int = 0, write_1h: int = 0, delivery: Delivery | None = None
) -> Answer:
    """Text whose prompt was partly read from, and partly written to, the provider's cache."""
    answer = text_answer(*pieces, delivery=delivery)
    usage = Usage(
        input_tokens=INPUT_TOKENS + read + write_5m + write_1h,
        output_tokens=len(answer.text),
        cache_read_tokens=read,
        cache_write_tokens=write_5m + write_1h,
        cache_write_5m_tokens=write_5m,
        cache_write_1h_tokens=write_1h,
        reasoning_tokens=0,
    )
    return replace(answer, usage=usage)


def truncated_answer(*pieces: str, delivery: Delivery | None = None) -> Answer:
    """Text that ran into its token limit."""
    return replace(text_answer(*pieces, delivery=delivery), truncated=True)


def unmetered_answer(*pieces: str, delivery: Delivery | None = None) -> Answer:
    """Text without any usage, as some compatible servers send it."""
    return replace(text_answer(*pieces, delivery=delivery), usage=None)


def counted(answer: Answer, input_tokens: int = INPUT_TOKENS) -> Answer:
    """The answer with a usage in which every piece is one output token and nothing was cached."""
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=answer.piece_count,
        cache_read_tokens=0,
        cache_write_tokens=0,
        reasoning_tokens=len(answer.reasoning),
    )
    return replace(answer, usage=usage)
