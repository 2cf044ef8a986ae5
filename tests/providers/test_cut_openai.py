"""The same of Responses and legacy Completions, and of callers who read the bytes themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from installed import OPENAI_HTTP, needs

from firsttoken.call import Outcome
from firsttoken.testing.wire import OPENAI_COMPLETIONS, OPENAI_RESPONSES
from providers.test_cut_anywhere import (
    CHAT,
    MANY,
    MESSAGES,
    MODEL,
    OPTIONS,
    SIZES,
    USAGE,
    Calls,
    Send,
    body_of,
    call_of,
    calls,
    transport,
)

__all__ = ["calls"]

RESPONSE, COMPLETION = body_of(OPENAI_RESPONSES), body_of(OPENAI_COMPLETIONS)
ASKED: Final[dict[str, dict[str, Any]]] = {
    "chat.completions": {"messages": MESSAGES},
    "responses": {"input": "Hi"},
    "completions": {"prompt": "Hi"},
}
BODIES: Final = {"chat.completions": CHAT, "responses": RESPONSE, "completions": COMPLETION}


def _methods(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


def streamed(path: str) -> Send:
    def send(body: bytes, sizes: list[int]) -> list[Any]:
        with (
            OPENAI_HTTP.Client(transport=transport(OPENAI_HTTP, body, sizes)) as http,
            openai.OpenAI(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
        ):
            return list(_methods(client, path).create(model=MODEL, stream=True, **ASKED[path]))

    return send


def streamed_async(path: str) -> Send:
    def send(body: bytes, sizes: list[int]) -> list[Any]:
        async def run() -> list[Any]:
            async with (
                OPENAI_HTTP.AsyncClient(transport=transport(OPENAI_HTTP, body, sizes)) as http,
                openai.AsyncOpenAI(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
            ):
                stream = await _methods(client, path).create(model=MODEL, stream=True, **ASKED[path])
                return [chunk async for chunk in stream]

        return asyncio.run(run())

    return send


def read_as_bytes(path: str) -> Send:
    def send(body: bytes, sizes: list[int]) -> list[Any]:
        with (
            OPENAI_HTTP.Client(transport=transport(OPENAI_HTTP, body, sizes)) as http,
            openai.OpenAI(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
            _methods(client, path).with_streaming_response.create(model=MODEL, stream=True, **ASKED[path]) as response,
        ):
            pieces = list(response.iter_bytes())
            assert b"".join(pieces) == body
            return pieces

    return send


WAYS: tuple[Callable[[str], Send], ...] = (streamed, streamed_async, read_as_bytes)
CASES = [
    pytest.param(way(path), BODIES[path], id=f"{path} {way.__name__}", marks=needs(f"openai.resources.{path}"))
    for path in ASKED
    for way in WAYS
    if path != "chat.completions" or way is read_as_bytes
]
EVERY_CASE = pytest.mark.parametrize(("send", "body"), CASES)


@EVERY_CASE
@MANY
@given(sizes=SIZES)
@example(sizes=[1])
def test_any_way_of_cutting_the_bytes_gives_the_same_call(
    calls: Calls,
    send: Send,
    body: bytes,
    sizes: list[int],
) -> None:
    whole = call_of(calls, send, body, [len(body)])
    assert (Outcome.COMPLETED, USAGE.input_tokens) == (whole.outcome, whole.usage and whole.usage.input_tokens)
    assert whole == call_of(calls, send, body, sizes)


@EVERY_CASE
@MANY
@given(data=st.data())
def test_a_stream_that_stops_at_any_byte_never_gives_a_wrong_number(
    calls: Calls,
    send: Send,
    body: bytes,
    data: st.DataObject,
) -> None:
    whole = call_of(calls, send, body, [len(body)])
    kept = data.draw(st.integers(0, len(body)), label="bytes kept")
    call = call_of(calls, send, body[:kept], [len(body)])
    assert call.response.id in {None, whole.response.id}
    assert (call.outcome is Outcome.COMPLETED) == (call.response.finish_reasons == whole.response.finish_reasons)
    assert call.usage in {None, whole.usage}


@pytest.mark.parametrize("path", [pytest.param(path, marks=needs(f"openai.resources.{path}")) for path in ASKED])
def test_whoever_reads_the_bytes_the_call_says_the_same(calls: Calls, path: str) -> None:
    by_sdk = call_of(calls, streamed(path), BODIES[path], [64])
    by_hand = call_of(calls, read_as_bytes(path), BODIES[path], [64])
    assert (by_sdk.usage, by_sdk.response, by_sdk.outcome) == (by_hand.usage, by_hand.response, by_hand.outcome)
    assert by_sdk.timing.chunk_count == by_hand.timing.chunk_count
