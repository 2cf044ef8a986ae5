"""What follows from the columns of a call, said once: questions read it as more columns of the relation `calls`.

Times are of calls that a model had to answer: not of fetching an answer or of counting tokens. What only a stream has
is of streams alone, and never of an answer that came whole. The speed needs no word
of that: only a stream has the two moments between which it is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

FOLLOWING: Final = (
    "(CAST(output_tokens AS DOUBLE) - coalesce(side_output_tokens, 0)"
    " - CASE WHEN hidden_reasoning THEN coalesce(reasoning_tokens, 0) ELSE 0 END - 1)"
)
"""Output tokens after the first one that the stream showed."""


def _of_answers(column: str) -> str:
    return f"CASE WHEN uses_tokens THEN {column} END"


def _of_streams(column: str) -> str:
    return f"CASE WHEN stream AND uses_tokens THEN {column} END"


REFUSED: Final = "(NOT usage_reported AND coalesce(status_code >= 400, false))"
"""Whether the provider answered the request itself with an error, so that nothing is billed: `Call.was_refused`."""

DERIVED: Final[Mapping[str, str]] = {
    "price_missing": (f"((unpriced_reason IS NOT NULL OR (uses_tokens AND cost_currency IS NULL)) AND NOT {REFUSED})"),
    "usage_missing": f"(uses_tokens AND NOT usage_reported AND NOT {REFUSED})",
    "is_streamed": "(stream AND uses_tokens)",
    "to_headers_ns": _of_answers("headers_ns"),
    "to_end_ns": _of_answers("duration_ns"),
    "to_first_event_ns": _of_streams("first_chunk_ns"),
    "to_first_token_ns": _of_streams("first_token_ns"),
    "widest_gap_ns": _of_streams("largest_gap_ns"),
    "provider_ns": _of_streams("provider_wait_ns"),
    "consumer_ns": _of_streams("consumer_wait_ns"),
    "stalls": _of_streams("stall_count"),
    "stood_still_ns": _of_streams("stalled_ns"),
    "mean_gap_ns": (
        "CASE WHEN stream AND uses_tokens AND chunk_count > 1 AND last_chunk_ns >= first_chunk_ns"
        " THEN (last_chunk_ns - first_chunk_ns) / (chunk_count - 1) END"
    ),
    "tokens_per_s": (
        "CASE WHEN usage_reported AND NOT usage_partial AND last_chunk_ns > first_token_ns"
        f" AND {FOLLOWING} >= 1 THEN {FOLLOWING} / ((last_chunk_ns - first_token_ns) / 1e9) END"
    ),
}
"""SQL over the table `calls`, by the name of the column. `price_missing` is whether `Call.unpriced_reason` says why it
has no price, and `tokens_per_s` is `Call.output_tokens_per_second`."""

NAMED: Final = re.compile(rf"\b({'|'.join(DERIVED)})\b")


def named_in(question: str) -> Iterator[str]:
    """Those that a question reads, as columns to select."""
    return (f"{DERIVED[name]} AS {name}" for name in dict.fromkeys(NAMED.findall(question)))
