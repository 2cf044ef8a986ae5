"""Text from outside made safe for a terminal: nothing in it can move the cursor, colour or turn a line."""

from __future__ import annotations

from firsttoken.unseen import escaped, spelt_out


def plain(text: str) -> str:
    """The same text on one line, every unsafe character written as an escape such as `\\x1b`."""
    return spelt_out(text, escaped)
