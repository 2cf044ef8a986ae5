"""What a provider reported that one call used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts as reported. None is unknown and 0 is zero; the two are never mixed.

    Totals follow the semantic conventions: `input_tokens` includes cached tokens and
    `output_tokens` includes reasoning, so every other count of tokens is a part of one
    of them and must not be added to it.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_5m_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_text_tokens: int | None = None
    output_text_tokens: int | None = None
    input_image_tokens: int | None = None
    output_image_tokens: int | None = None
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None
    side_input_tokens: int | None = None
    """The part of the input that was for other runs of models than the one that answered: compactions, advice,
    images."""
    side_output_tokens: int | None = None
    """The part of the output that came from such runs."""
    web_search_requests: int | None = None
    """Searches that the provider made for the model. They are billed beside the tokens."""
    web_fetch_requests: int | None = None
    """Pages that the provider fetched for the model."""
    partial: bool = False
    """True when the stream was cut before the provider gave its final count."""


COUNTS = tuple(field.name for field in fields(Usage) if field.name != "partial")


def total_of(usages: Iterable[Usage]) -> Usage:
    """The sum. A count that only some of them have is the sum of those; without a total of each, it is partial."""
    sums: dict[str, int] = {}
    partial = False
    for usage in usages:
        partial = partial or usage.partial or usage.input_tokens is None or usage.output_tokens is None
        for name in COUNTS:
            value: int | None = getattr(usage, name)
            if value is not None:
                sums[name] = sums.get(name, 0) + value
    return Usage(**sums, partial=partial)
