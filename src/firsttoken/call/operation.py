"""What kinds of call there are, and what may be expected of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Operation:
    """One value of `gen_ai.operation.name`."""

    is_inference: bool
    """A model generates an answer: it has output tokens, a first one among them, and a reason to end."""
    uses_tokens: bool
    """The provider counts tokens for it, and bills them."""
    is_about_earlier: bool = False
    """It fetches what was asked for before: how long that takes says nothing of a model."""


INFERENCE: Final = Operation(is_inference=True, uses_tokens=True)

OPERATIONS: Final[Mapping[str, Operation]] = {
    "chat": INFERENCE,
    "generate_content": INFERENCE,
    "text_completion": INFERENCE,
    "embeddings": Operation(is_inference=False, uses_tokens=True),
    "fetch_response": Operation(is_inference=False, uses_tokens=False, is_about_earlier=True),
    "count_tokens": Operation(is_inference=False, uses_tokens=False),
    "create_batch": Operation(is_inference=False, uses_tokens=False),
    "batch_results": Operation(is_inference=False, uses_tokens=True, is_about_earlier=True),
}
"""Every operation that is a call to a model, or about one that was made before."""


def operation_called(name: str) -> Operation:
    """A name that is not in the table is taken for an inference."""
    return OPERATIONS.get(name, INFERENCE)
