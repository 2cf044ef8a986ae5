"""What a provider reported that one call used."""

from __future__ import annotations

from dataclasses import dataclass


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
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None
    web_search_requests: int | None = None
    """Searches that the provider made for the model. They are billed beside the tokens."""
    web_fetch_requests: int | None = None
    """Pages that the provider fetched for the model."""
    partial: bool = False
    """True when the stream was cut before the provider gave its final count."""
