"""Chat Completions behind the adapter: OpenAI, Azure, and every server that speaks it under a `base_url`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.chat_reader import ChatReader
from firsttoken.adapter.chat_request import chat_arguments
from firsttoken.adapter.clients import is_async, speaks
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.sdk import OPENAI


@dataclass(frozen=True, slots=True)
class ChatWire:
    """The wire of `client.chat.completions.create`."""

    ask_for_usage: bool = True
    """Adds `stream_options={"include_usage": True}` where the caller does not say otherwise. A server that refuses the
    argument needs False, and tells its usage unasked or not at all."""
    api: str = "openai.chat_completions"

    def fits(self, client: Any) -> bool:
        return speaks(client, OPENAI, "chat", "completions")

    def is_async(self, client: Any) -> bool:
        return is_async(client, OPENAI)

    def fits_arguments(self, arguments: Mapping[str, Any]) -> bool:
        return "messages" in arguments

    def translate(self, ask: Ask, client: Any) -> dict[str, Any]:
        return chat_arguments(ask, client)

    def send(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        return client.chat.completions.create(**{**self._asking(arguments), "stream": True})

    def reader(self, needing_approval: Collection[str] = ()) -> ChatReader:
        return ChatReader(needing_approval)

    def _asking(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """A caller who names `stream_options` decides, unless they say nothing of usage."""
        elsewhere = arguments.get("extra_body")
        if not self.ask_for_usage or (isinstance(elsewhere, Mapping) and "stream_options" in elsewhere):
            return arguments
        if "stream_options" in arguments and not isinstance(arguments["stream_options"], Mapping):
            return arguments
        return OpenAIChat().ask_for_usage(arguments) or arguments
