"""OpenAI's legacy Completions, which compatible servers still speak.

Source: OpenAI API reference, "Create completion (legacy)".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from firsttoken.providers.fields import get, items
from firsttoken.providers.openai_chat import ChatTally, OpenAIChat


@dataclass(frozen=True, slots=True)
class OpenAICompletions(OpenAIChat):
    """The wire of `POST /completions`. It differs from Chat Completions in where the text of a choice stands."""

    usual_event: ClassVar[str | None] = "text_completion"
    api: str = "openai.completions"
    operation: str = "text_completion"

    def is_progress(self, chunk: object) -> bool:
        return any(get(choice, "text") or get(choice, "finish_reason") for choice in items(get(chunk, "choices"))) or (
            get(chunk, "usage") is not None
        )

    def _said_in(self, choice: object) -> object:
        return {"text": get(choice, "text")}

    def tally(self) -> CompletionTally:
        return CompletionTally()


class CompletionTally(ChatTally):
    """The same over chunks whose choices hold their text themselves."""

    __slots__ = ()

    def _see_content(self, choice: object) -> None:
        self._content_seen = self._answered = bool(get(choice, "text"))
