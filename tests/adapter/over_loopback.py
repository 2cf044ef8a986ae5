"""Requests through the wires of the adapter to a provider server on this machine, as the adapter itself makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from observe.program import DONE, Program

from adapter.reading import read
from firsttoken.adapter.chat import ChatWire
from firsttoken.adapter.events import Event
from firsttoken.adapter.messages import MessagesWire
from firsttoken.adapter.responses import ResponsesWire
from firsttoken.adapter.wire import AdapterWire, Said
from firsttoken.testing import ProviderServer

WIRES: Final[Mapping[str, AdapterWire]] = {
    "chat": ChatWire(),
    "responses": ResponsesWire(),
    "messages": MessagesWire(),
}
SDKS: Final = {"chat": "openai", "responses": "openai", "messages": "anthropic"}
ASKED: Final[Mapping[str, dict[str, Any]]] = {
    "chat": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]},
    "responses": {"model": "m", "input": "Hi"},
    "messages": {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9},
}


async def stream_through(
    wire: AdapterWire, program: Program, client: Any, arguments: Mapping[str, Any], approve: Sequence[str] = ()
) -> tuple[list[Event], Said]:
    """Sends a request and reads its stream to the end."""
    iterator = program.iterate(await program.get(wire.send(client, arguments)))
    chunks: list[Any] = []
    while (chunk := await program.next(iterator)) is not DONE:
        chunks.append(chunk)
    return read(wire, chunks, approve)


def ask(
    name: str, program: Program, server: ProviderServer, arguments: Mapping[str, Any], **options: Any
) -> tuple[list[Event], Said]:
    """With the SDK's own client."""

    async def work() -> tuple[list[Event], Said]:
        client = program.client(SDKS[name], server, **options)
        try:
            return await stream_through(WIRES[name], program, client, arguments)
        finally:
            await program.close(client)

    return program.run(work())
