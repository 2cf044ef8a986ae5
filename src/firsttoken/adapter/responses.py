"""OpenAI Responses behind the adapter."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.clients import is_async, speaks
from firsttoken.adapter.response_reader import ResponseReader
from firsttoken.adapter.response_request import response_arguments
from firsttoken.providers.sdk import OPENAI

ITS_OWN: Final = frozenset({"conversation", "input", "instructions", "previous_response_id", "prompt"})
"""Arguments by which a request can be told from one of Chat Completions. Any of them may be all that there is."""


@dataclass(frozen=True, slots=True)
class ResponsesWire:
    """The wire of `client.responses.create`."""

    api: str = "openai.responses"

    def fits(self, client: Any) -> bool:
        return speaks(client, OPENAI, "responses")

    def is_async(self, client: Any) -> bool:
        return is_async(client, OPENAI)

    def fits_arguments(self, arguments: Mapping[str, Any]) -> bool:
        return not ITS_OWN.isdisjoint(arguments)

    def translate(self, ask: Ask, client: Any) -> dict[str, Any]:
        del client
        return response_arguments(ask)

    def send(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        return client.responses.create(**{**arguments, "stream": True})

    def reader(self, needing_approval: Collection[str] = ()) -> ResponseReader:
        return ResponseReader(needing_approval)
