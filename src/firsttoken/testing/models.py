"""The models that the provider server knows: the dated name each answers with, and how fast it is.

Any other model is answered just as well, under its own name and at a usual speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """Speeds are rough figures for a demonstration, shortened so that nobody has to wait."""

    snapshot: str
    first_token_s: float = 0.25
    next_token_s: float = 0.010
    reasons: bool = False
    """Thinks before it answers without showing what it thinks."""


MODELS: Mapping[str, Model] = {
    "gpt-4o": Model("gpt-4o-2024-08-06", 0.28, 0.011),
    "gpt-4o-mini": Model("gpt-4o-mini-2024-07-18", 0.18, 0.007),
    "gpt-4.1": Model("gpt-4.1-2025-04-14", 0.30, 0.010),
    "gpt-4.1-mini": Model("gpt-4.1-mini-2025-04-14", 0.20, 0.007),
    "o4-mini": Model("o4-mini-2025-04-16", 0.85, 0.008, reasons=True),
    "gpt-5": Model("gpt-5-2025-08-07", 1.00, 0.010, reasons=True),
    "gpt-5-mini": Model("gpt-5-mini-2025-08-07", 0.60, 0.007, reasons=True),
    "claude-sonnet-4-6": Model("claude-sonnet-4-6", 0.42, 0.013),
    "claude-sonnet-4-5": Model("claude-sonnet-4-5-20250929", 0.45, 0.014),
    "claude-haiku-4-5": Model("claude-haiku-4-5-20251001", 0.22, 0.007),
    "claude-opus-4-5": Model("claude-opus-4-5-20251101", 0.65, 0.016),
    "claude-opus-4-1": Model("claude-opus-4-1-20250805", 0.80, 0.020),
}


def model_called(name: str | None) -> Model:
    """The model of that name, or one of usual speed."""
    return MODELS.get(name or "") or Model(name or "")
