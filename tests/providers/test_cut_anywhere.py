"""However a stream's bytes come in pieces, and wherever they stop, the call is told truly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any, Final

import anthropic
import openai
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from installed import ANTHROPIC_HTTP, BYTE_STREAMS, OPENAI_HTTP

from firsttoken.call import Call, Outcome, Usage
from firsttoken.call.content import Message, Text
from firsttoken.call.texts import main_text
from firsttoken.observe.patch import Patch
from firsttoken.observe.recording import Recording
from firsttoken.observe.seam import Seam
from firsttoken.privacy.policy import Levels
from firsttoken.providers.sdk import ANTHROPIC, OPENAI
from firsttoken.testing import Answer, FakeClock, ReceivedRequest, ToolCall
from firsttoken.testing.wire import anthropic as anthropic_wire
from firsttoken.testing.wire import openai as openai_wire

USAGE: Final = Usage(
    input_tokens=240, output_tokens=40, cache_read_tokens=200, cache_write_tokens=30, reasoning_tokens=15
)
ANSWER: Final = Answer(
    reasoning=("Größe", " →"),
    text=("naïve", " 令牌", "\n\ndata: x\r\n", "😀"),
    tool_calls=(ToolCall("wetter", ('{"ort"', ': "Zürich"}')),),
    usage=USAGE,
    id="answer-1",
    service_tier="default",
)
SIZES = st.lists(st.integers(1, 300), min_size=1, max_size=20)
MODEL: Final = "a-model"
MESSAGES: Final = [{"role": "user", "content": "Hi"}]
OPTIONS: Final = {"api_key": "none", "base_url": "http://provider.example", "max_retries": 0}


def body_of(wire: Any) -> bytes:
    body = {"model": MODEL, "stream": True, "stream_options": {"include_usage": True}}
    request = ReceivedRequest(
        number=1, serial="1", method="POST", path="", query="", headers={}, content=b"", body=body
    )
    return b"".join(wire.events(ANSWER, request))


CHAT, MESSAGE = body_of(openai_wire.OPENAI), body_of(anthropic_wire.ANTHROPIC)


class Pieces(*BYTE_STREAMS):  # type: ignore[misc]
    """A body in pieces of these sizes, in turn."""

    def __init__(self, body: bytes, sizes: list[int]) -> None:
        self._body = body
        self._sizes = sizes

    def __iter__(self) -> Iterator[bytes]:
        start, sizes = 0, cycle(self._sizes)
        while start < len(self._body):
            size = next(sizes)
            yield self._body[start : start + size]
            start += size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Calls:
    """Keeps the Call of every recording that ends."""

    def __init__(self) -> None:
        self.kept: list[Call] = []

    def started(self, recording: Recording) -> None:
        del recording

    def gaps(self, recording: Recording) -> None:
        del recording

    def finished(self, recording: Recording) -> None:
        call = recording.call()
        self.kept.append(replace(call, timing=replace(call.timing, started_unix_ns=0)))


@pytest.fixture(scope="module")
def calls() -> Iterator[Calls]:
    """The calls of both SDKs with all that was said, on a clock that stands still."""
    calls, patches = Calls(), [Patch(OPENAI), Patch(ANTHROPIC)]
    for patch in patches:
        patch.apply(Seam(patch.sdk, calls, include_usage=False, clock=FakeClock(1), levels=Levels(spans="full")))
    yield calls
    for patch in patches:
        patch.remove()


def transport(http: Any, body: bytes, sizes: list[int]) -> Any:
    headers = {"content-type": "text/event-stream", "x-request-id": "req_1", "request-id": "req_1"}
    return http.MockTransport(lambda _: http.Response(200, headers=headers, stream=Pieces(body, sizes)))


def _chat(body: bytes, sizes: list[int]) -> list[Any]:
    with (
        OPENAI_HTTP.Client(transport=transport(OPENAI_HTTP, body, sizes)) as http,
        openai.OpenAI(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
    ):
        return list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True))  # type: ignore[arg-type]


def _message(body: bytes, sizes: list[int]) -> list[Any]:
    with (
        ANTHROPIC_HTTP.Client(transport=transport(ANTHROPIC_HTTP, body, sizes)) as http,
        anthropic.Anthropic(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
    ):
        return list(client.messages.create(model=MODEL, messages=MESSAGES, max_tokens=9, stream=True))  # type: ignore[arg-type]


def _async_chat(body: bytes, sizes: list[int]) -> list[Any]:
    async def run() -> list[Any]:
        async with (
            OPENAI_HTTP.AsyncClient(transport=transport(OPENAI_HTTP, body, sizes)) as http,
            openai.AsyncOpenAI(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
        ):
            stream = await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)  # type: ignore[arg-type]
            return [chunk async for chunk in stream]

    return asyncio.run(run())


def _async_message(body: bytes, sizes: list[int]) -> list[Any]:
    async def run() -> list[Any]:
        async with (
            ANTHROPIC_HTTP.AsyncClient(transport=transport(ANTHROPIC_HTTP, body, sizes)) as http,
            anthropic.AsyncAnthropic(http_client=http, **OPTIONS) as client,  # type: ignore[arg-type]
        ):
            stream = await client.messages.create(model=MODEL, messages=MESSAGES, max_tokens=9, stream=True)  # type: ignore[arg-type]
            return [event async for event in stream]

    return asyncio.run(run())


Send = Callable[[bytes, list[int]], list[Any]]
EVERY_CLIENT = pytest.mark.parametrize(
    ("send", "body"),
    [(_chat, CHAT), (_async_chat, CHAT), (_message, MESSAGE), (_async_message, MESSAGE)],
    ids=["openai", "openai async", "anthropic", "anthropic async"],
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def call_of(calls: Calls, send: Send, body: bytes, sizes: list[int]) -> Call:
    """The one call that came of it, however the SDK liked what it read."""
    calls.kept.clear()
    try:
        send(body, sizes)
    except (openai.OpenAIError, anthropic.AnthropicError, ValueError):
        assert calls.kept[0].outcome is Outcome.FAILED
    (call,) = calls.kept
    return call


@EVERY_CLIENT
@MANY
@given(sizes=SIZES)
@example(sizes=[1])
def test_any_way_of_cutting_the_bytes_gives_the_same_call(
    calls: Calls, send: Send, body: bytes, sizes: list[int]
) -> None:
    whole = call_of(calls, send, body, [len(body)])
    assert (Outcome.COMPLETED, USAGE.input_tokens) == (whole.outcome, whole.usage and whole.usage.input_tokens)
    assert whole == call_of(calls, send, body, sizes)


@EVERY_CLIENT
@MANY
@given(data=st.data())
def test_a_stream_that_stops_at_any_byte_never_gives_a_wrong_number(
    calls: Calls, send: Send, body: bytes, data: st.DataObject
) -> None:
    whole = call_of(calls, send, body, [len(body)])
    kept = data.draw(st.integers(0, len(body)), label="bytes kept")
    call = call_of(calls, send, body[:kept], [len(body)])
    assert (None in {call.response.id, whole.response.id}) or call.response.id == whole.response.id
    assert call.outcome in {Outcome.COMPLETED, Outcome.FAILED}
    assert (call.outcome is Outcome.COMPLETED) == (call.response.finish_reasons == whole.response.finish_reasons)
    if call.usage is not None and whole.usage is not None:
        assert call.usage.input_tokens == whole.usage.input_tokens
        assert call.usage.output_tokens in {None, whole.usage.output_tokens}
        assert call.usage.partial or call.usage == whole.usage
    _assert_begins_alike(_texts(call), _texts(whole))


def _texts(call: Call) -> list[str]:
    assert call.content is not None
    assert call.content.input == (Message("user", (Text("Hi"),)),)
    return [main_text(part) for message in call.content.output for part in message.parts]


def _assert_begins_alike(told: list[str], whole: list[str]) -> None:
    """Whole texts but the last, which may be cut; those of Chat Completions stand in another order than they came."""
    assert len(told) <= len(whole)
    rest = list(whole)
    for text in told:
        rest.remove(next(full for full in rest if full.startswith(text)))
