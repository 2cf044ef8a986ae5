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


INFERENCE: Final = Operation(is_inference=True, uses_tokens=True)

OPERATIONS: Final[Mapping[str, Operation]] = {
    "chat": INFERENCE,
    "generate_content": INFERENCE,
    "text_completion": INFERENCE,
    "embeddings": Operation(is_inference=False, uses_tokens=True),
    "fetch_response": Operation(is_inference=False, uses_tokens=False),
}
"""Every operation that is a call to a model, or about one that was made before."""


def operation_called(name: str) -> Operation:
    """A name that is not in the table is taken for an inference."""
    return OPERATIONS.get(name, INFERENCE)
