"""Anthropic Messages behind the adapter: Anthropic, Bedrock, Vertex, and every server that speaks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.clients import is_async, speaks
from firsttoken.adapter.message_reader import MessageReader
from firsttoken.adapter.message_request import message_arguments
from firsttoken.providers.sdk import ANTHROPIC


@dataclass(frozen=True, slots=True)
class MessagesWire:
    """The wire of `client.messages.create`, and with `betas` of `client.beta.messages.create`."""

    api: str = "anthropic.messages"

    def fits(self, client: Any) -> bool:
        return speaks(client, ANTHROPIC, "messages")

    def is_async(self, client: Any) -> bool:
        return is_async(client, ANTHROPIC)

    def fits_arguments(self, arguments: Mapping[str, Any]) -> bool:
        return "messages" in arguments

    def translate(self, ask: Ask, client: Any) -> dict[str, Any]:
        return message_arguments(ask, client)

    def send(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        resource = client.beta.messages if "betas" in arguments else client.messages
        return resource.create(**{**arguments, "stream": True})

    def reader(self, needing_approval: Collection[str] = ()) -> MessageReader:
        return MessageReader(needing_approval)
