"""OpenAI's legacy Completions, which compatible servers still speak.

Source: OpenAI API reference, "Create completion (legacy)".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from firsttoken.call.timeline import NOTHING, TEXT
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

    def note(self, chunk: Any) -> bool:
        if self._content_seen and self._named:
            try:
                # As there.
                answer: dict[str, Any] = chunk.__dict__
                (choice,) = answer["choices"]
                given: dict[str, Any] = choice.__dict__
                if answer["usage"] is None and given["finish_reason"] is None and given["index"] in self._reasons:
                    self._last = chunk
                    return self._turn(TEXT if given["text"] else NOTHING)
            except (AttributeError, KeyError, TypeError, ValueError):
                pass
        return self._note_any(chunk)

    def _carried(self, choice: object) -> int:
        return TEXT if get(choice, "text") else NOTHING

    def _see_content(self, choice: object) -> None:
        self._content_seen = self._answered = bool(get(choice, "text"))
