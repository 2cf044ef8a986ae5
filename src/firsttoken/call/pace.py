"""How fast a model generates, from what was counted and timed."""

from __future__ import annotations


def tokens_per_second(tokens: int | None, first_token_ns: int | None, last_chunk_ns: int | None) -> float | None:
    """Of so many tokens, those after the first one, per second after the first one.

    None for fewer than two, or where they came all at once or nobody knows when.
    """
    if tokens is None or first_token_ns is None or last_chunk_ns is None:
        return None
    following, generating_ns = tokens - 1, last_chunk_ns - first_token_ns
    if generating_ns <= 0 or following < 1:
        return None
    return following / (generating_ns / 1e9)
