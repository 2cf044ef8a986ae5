"""Anthropic's legacy Text Completions, of SDKs before 2.0 and of servers that still speak them.

Source: Anthropic API reference, "Create a Text Completion (legacy)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from firsttoken.call import Parameters, Response
from firsttoken.call.timeline import NOTHING, TEXT
from firsttoken.providers.fields import get, number, text, texts, whole
from firsttoken.providers.novelty import novelties
from firsttoken.providers.wire import Carrying, Reading, Wire, emptiness

STOP_REASONS: Final = frozenset({"max_tokens", "refusal", "stop_sequence"})


@dataclass(frozen=True, slots=True)
class AnthropicCompletions(Wire):
    """The wire of `POST /v1/complete`. It never says how many tokens were used."""

    usual_event: ClassVar[str | None] = "completion"
    api: str = "anthropic.completions"
    operation: str = "text_completion"

    def parameters(self, asked: Mapping[str, object]) -> Parameters:
        return Parameters(
            max_tokens=whole(asked.get("max_tokens_to_sample")),
            temperature=number(asked.get("temperature")),
            top_p=number(asked.get("top_p")),
            top_k=whole(asked.get("top_k")),
            stop_sequences=texts(asked.get("stop_sequences")),
        )

    def tally(self) -> CompletionTally:
        return CompletionTally()

    def read_answer(self, answer: object) -> Reading:
        reason = text(get(answer, "stop_reason"))
        return Reading(
            response=Response(
                id=text(get(answer, "id")), model=text(get(answer, "model")), finish_reasons=(reason or "error",)
            ),
            unknown=novelties("stop_reason", [reason] if reason else [], STOP_REASONS),
            finished=reason is not None,
            empty=emptiness(finished=reason is not None, answered=bool(get(answer, "completion")), reasoned=False),
        )


class CompletionTally(Carrying):
    """The last event: each of them is a whole completion with another piece of the text."""

    __slots__ = ("_content_seen", "_last")

    def __init__(self) -> None:
        super().__init__()
        self._last: object = None
        self._content_seen = False

    def note(self, chunk: Any) -> bool:
        self._last = chunk
        carries = TEXT if get(chunk, "completion") else NOTHING
        self._content_seen = self._content_seen or carries is TEXT
        return self._turn(carries)

    def reading(self) -> Reading:
        said = AnthropicCompletions().read_answer(self._last)
        return replace(said, empty=emptiness(finished=said.finished, answered=self._content_seen, reasoned=False))
