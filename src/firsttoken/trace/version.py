"""Which record it is. Here, so that naming it loads nothing."""

from __future__ import annotations

from typing import Final

EVENT_NAME: Final = "firsttoken.provider_trace"

SCHEMA_VERSION: Final = "1.1"
"""The second number grows when something is added, the first when something is taken away or means something else."""
