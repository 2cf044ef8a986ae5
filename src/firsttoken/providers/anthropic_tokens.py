"""Anthropic's token counting.

Source: Anthropic API reference, "Count tokens in a Message".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firsttoken.call import Parameters, Response
from firsttoken.providers.fields import count, get
from firsttoken.providers.wire import Reading, Wire


@dataclass(frozen=True, slots=True)
class AnthropicTokenCount(Wire):
    """The wire of `POST /v1/messages/count_tokens`. No model runs and nothing is billed: the count is an answer, not
    a usage."""

    api: str = "anthropic.count_tokens"
    operation: str = "count_tokens"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        del asked
        return Parameters()

    def read_answer(self, answer: object) -> Reading:
        return Reading(response=Response(counted_tokens=count(get(answer, "input_tokens"))), finished=True)
