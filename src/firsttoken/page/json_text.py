"""JSON as the page shows it, over several lines. What reads it gets the same values."""

from __future__ import annotations

import json

from firsttoken.unseen import spelt_out


def json_text(value: object) -> str:
    """Whatever would turn a line around, or not be seen, is an escape such as `\\u202e`."""
    lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    return "\n".join(spelt_out(line, _escape) for line in lines)


def _escape(char: str) -> str:
    """Two for a character that JSON writes as a surrogate pair."""
    return json.dumps(char).strip('"')
