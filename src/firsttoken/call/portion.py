"""A part of what a call used, for which there is a price of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from firsttoken.call.response import Response
from firsttoken.call.usage import Usage


@dataclass(frozen=True, slots=True)
class Portion:
    """What one run of one model used, or several on the same terms. The portions of a call add up to its usage."""

    usage: Usage
    response: Response = field(default_factory=Response)
    """Which model ran, and on which terms."""
    largest_input_tokens: int | None = None
    """The largest input of a run, where this is the sum of several: a price may depend on the size of a prompt."""
