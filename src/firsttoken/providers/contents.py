"""The wires whose content can be captured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firsttoken.providers.chat_content import ChatContent
from firsttoken.providers.content import ContentReader
from firsttoken.providers.message_content import MessageContent
from firsttoken.providers.responses_content import ResponsesContent

CONTENTS: Final[Mapping[str, ContentReader]] = {
    "openai.chat_completions": ChatContent(),
    "openai.responses": ResponsesContent(),
    "anthropic.messages": MessageContent(),
}
"""By the name of the wire."""
