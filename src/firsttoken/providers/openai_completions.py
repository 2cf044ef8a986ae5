"""OpenAI's legacy Completions, which compatible servers still speak.

Source: OpenAI API reference, "Create completion (legacy)".
"""

from __future__ import annotations

from dataclasses import dataclass

from firsttoken.providers.fields import get
from firsttoken.providers.openai_chat import ChatTally, OpenAIChat


@dataclass(frozen=True, slots=True)
class OpenAICompletions(OpenAIChat):
    """The wire of `POST /completions`. It differs from Chat Completions in where the text of a choice stands."""

    api: str = "openai.completions"
    operation: str = "text_completion"

    def tally(self) -> CompletionTally:
        return CompletionTally()


class CompletionTally(ChatTally):
    """The same over chunks whose choices hold their text themselves."""

    __slots__ = ()

    def _see_content(self, choice: object) -> None:
        self._content_seen = bool(get(choice, "text"))
