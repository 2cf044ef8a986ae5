"""What the replies look like on each provider's wire, as bytes. Nothing here knows a socket or a clock."""

from firsttoken.testing.wire.anthropic import ANTHROPIC
from firsttoken.testing.wire.openai import OPENAI
from firsttoken.testing.wire.wire import Wire

__all__ = ["ANTHROPIC", "OPENAI", "WIRES", "Wire"]

WIRES: tuple[Wire, ...] = (OPENAI, ANTHROPIC)
"""Every wire that the provider server speaks."""
