"""Every way in which a program asks through the anthropic SDK: one true span for each request to a model."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any

import anthropic
import pydantic
import pytest
from anthropic._streaming import AsyncStream, Stream
from installed import ANTHROPIC_HTTP, needs, part_of

from firsttoken.call import Parameters, Response, Usage
from firsttoken.providers.anthropic_completions import AnthropicCompletions
from firsttoken.providers.anthropic_tokens import AnthropicTokenCount
from firsttoken.providers.wire import Reading
from firsttoken.testing import Answer, CapturedTelemetry, ProviderServer, ToolCall, named_event
from providers.observing import counted, said

MODEL = "claude-sonnet-4-6"
REQUEST = {"model": MODEL, "max_tokens": 64, "messages": [{"role": "user", "content": "Say a word."}]}
ANSWER = Answer(
    text=('{"city": ', '"Bern"}'),
    usage=Usage(input_tokens=240, output_tokens=40, cache_read_tokens=200, web_search_requests=2),
)
WHO = ("gen_ai.operation.name", "firsttoken.outcome", "firsttoken.chunk.count", "gen_ai.usage.output_tokens")
CHUNKS = 7
"""`message_start`, the opening of the text, its two pieces, its end, `message_delta`, `message_stop`: the SDK keeps
`ping` to itself."""


class City(pydantic.BaseModel):
    city: str


async def got(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


async def drained(stream: Any) -> list[Any]:
    return [item async for item in stream] if hasattr(stream, "__anext__") else [*stream]


async def within(manager: Any, use: Callable[[Any], Awaitable[Any]]) -> Any:
    if hasattr(manager, "__aenter__"):
        async with manager as stream:
            return await use(stream)
    with manager as stream:
        return await use(stream)


async def text_of(stream: Any) -> Any:
    texts = stream.text_stream
    return [item async for item in texts] if hasattr(texts, "__anext__") else [*texts]


async def final(stream: Any) -> Any:
    return await got(stream.get_final_message())


async def done(stream: Any) -> Any:
    return await got(stream.until_done())


async def _created(messages: Any) -> Any:
    return await drained(await got(messages.create(stream=True, **REQUEST)))


async def _raw(messages: Any) -> Any:
    return await _parsed(await got(messages.with_raw_response.create(stream=True, **REQUEST)))


async def _parsed(response: Any) -> Any:
    return await drained(await got(response.parse()))


STREAMED: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "create": _created,
    "stream": lambda messages: within(messages.stream(**REQUEST), drained),
    "text_stream": lambda messages: within(messages.stream(**REQUEST), text_of),
    "get_final_message": lambda messages: within(messages.stream(**REQUEST), final),
    "until_done": lambda messages: within(messages.stream(**REQUEST), done),
    "with_raw_response": _raw,
    "with_streaming_response": lambda messages: within(
        messages.with_streaming_response.create(stream=True, **REQUEST), _parsed
    ),
}


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer(lambda _: ANSWER) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, server: ProviderServer) -> Any:
    cls = anthropic.Anthropic if request.param == "sync" else anthropic.AsyncAnthropic
    return cls(api_key="key", base_url=server.anthropic_base_url, max_retries=0)


def run(client: Any, work: Awaitable[Any]) -> Any:
    async def program() -> Any:
        try:
            return await work
        finally:
            await got(client.close())

    return asyncio.run(program())


@pytest.mark.parametrize("beta", [False, True], ids=["messages", "beta"])
@pytest.mark.parametrize("ask", STREAMED.values(), ids=STREAMED)
def test_however_a_stream_is_read_it_is_one_call_with_all_its_chunks(
    ask: Any, beta: bool, client: Any, observed: CapturedTelemetry
) -> None:
    run(client, ask(client.beta.messages if beta else client.messages))
    assert said(observed, *WHO) == [("chat", "completed", CHUNKS, 40)]
    attributes = observed.spans[0]["attributes"]
    assert attributes["firsttoken.time_to_first_token"] > 0
    assert attributes["firsttoken.usage.web_search.requests"] == 2


@pytest.mark.parametrize("beta", [False, True], ids=["messages", "beta"])
def test_a_parsed_answer_is_one_call(beta: bool, client: Any, observed: CapturedTelemetry) -> None:
    messages = client.beta.messages if beta else client.messages
    answer = run(client, got(part_of(messages, "parse")(output_format=City, **REQUEST)))
    assert answer.parsed_output == City(city="Bern")
    assert said(observed, *WHO, "gen_ai.output.type") == [("chat", "completed", None, 40, "json")]


@needs("anthropic.beta_tool")
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_tool_runner_makes_one_call_for_each_request(
    stream: bool, client: Any, server: ProviderServer, observed: CapturedTelemetry
) -> None:
    server.enqueue(Answer(tool_calls=(ToolCall("weather", ('{"city": "Bern"}',)),), usage=Usage(10, 5)), ANSWER)
    asked: list[str] = []

    def look_up(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return "Dry"

    async def look_up_async(city: str) -> str:
        """The weather in a city."""
        return look_up(city)

    is_async = isinstance(client, anthropic.AsyncAnthropic)
    tool = (
        anthropic.beta_async_tool(look_up_async, name="weather")
        if is_async
        else anthropic.beta_tool(look_up, name="weather")
    )

    async def work() -> None:
        runner = client.beta.messages.tool_runner(tools=[tool], stream=stream, **REQUEST)
        for item in await drained(runner) if not stream else []:
            assert item.role == "assistant"
        if stream and is_async:
            async for each in runner:
                await got(each.get_final_message())
        elif stream:
            for each in runner:
                each.get_final_message()

    run(client, work())
    assert asked == ["Bern"]
    assert [(name, outcome, tokens) for name, outcome, _, tokens in said(observed, *WHO)] == [
        ("chat", "completed", 5),
        ("chat", "completed", 40),
    ]


def answering(**replies: Any) -> Any:
    """A transport that gives each path its answer."""
    by_path = {path.replace("_", "/"): reply for path, reply in replies.items()}
    return ANTHROPIC_HTTP.MockTransport(lambda request: by_path[request.url.path.removeprefix("/").replace("_", "/")])


def client_of(kind: str, transport: Any) -> Any:
    if kind == "sync":
        return anthropic.Anthropic(api_key="key", http_client=ANTHROPIC_HTTP.Client(transport=transport))
    return anthropic.AsyncAnthropic(api_key="key", http_client=ANTHROPIC_HTTP.AsyncClient(transport=transport))


both = pytest.mark.parametrize("kind", ["sync", "async"])


@both
@pytest.mark.parametrize("beta", [False, True], ids=["messages", "beta"])
def test_counting_tokens_is_a_call_that_uses_none(kind: str, beta: bool, observed: CapturedTelemetry) -> None:
    client = client_of(
        kind, answering(v1_messages_count_tokens=ANTHROPIC_HTTP.Response(200, json={"input_tokens": 2_095}))
    )
    messages = client.beta.messages if beta else client.messages
    answer = run(client, got(messages.count_tokens(model=MODEL, messages=REQUEST["messages"])))

    assert answer.input_tokens == 2_095
    names = ("gen_ai.operation.name", "gen_ai.request.model", "firsttoken.response.counted_tokens")
    assert said(observed, *names) == [("count_tokens", MODEL, 2_095)]
    (span,) = observed.spans
    assert span["name"] == f"count_tokens {MODEL}"
    assert not {name for name in span["attributes"] if "usage" in name or "cost" in name or "finish" in name}
    assert [point["count"] for point in observed.points_of("gen_ai.client.operation.duration")] == [1]
    assert counted(observed, "firsttoken.client.unpriced_calls") == 0


COMPLETION = {
    "id": "compl_1",
    "type": "completion",
    "completion": " Hello",
    "stop_reason": "stop_sequence",
    "model": "claude-2.1",
    "stop": "\n\nHuman:",
}
PIECES = [
    {**COMPLETION, "completion": "", "stop_reason": None},
    {**COMPLETION, "completion": " Hel", "stop_reason": None},
    {**COMPLETION, "completion": "lo", "stop_reason": None},
    {**COMPLETION, "completion": ""},
]
LEGACY = {
    "model": "claude-2.1",
    "prompt": "Hi",
    "max_tokens_to_sample": 9,
    "stop_sequences": ["END"],
    "temperature": 0.5,
}


@both
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_legacy_completion_is_a_call_whose_usage_nobody_says(
    kind: str, stream: bool, observed: CapturedTelemetry
) -> None:
    events = b"".join(named_event("completion", piece) for piece in PIECES)
    reply = (
        ANTHROPIC_HTTP.Response(200, headers={"content-type": "text/event-stream"}, content=events)
        if stream
        else ANTHROPIC_HTTP.Response(200, json=COMPLETION)
    )
    client = client_of(kind, answering(v1_complete=reply))
    stream_cls = (Stream if kind == "sync" else AsyncStream)[object]

    async def work() -> None:
        answer = client.post("/v1/complete", body=LEGACY, cast_to=object, stream=stream, stream_cls=stream_cls)
        answer = await got(answer)
        if stream:
            assert len(await drained(answer)) == len(PIECES)

    run(client, work())
    names = (*WHO, "firsttoken.api", "gen_ai.response.id", "gen_ai.response.finish_reasons", "firsttoken.cost.unpriced")
    assert said(observed, *names) == [
        (
            "text_completion",
            "completed",
            len(PIECES) if stream else None,
            None,
            "anthropic.completions",
            "compl_1",
            ("stop_sequence",),
            "unknown_usage",
        )
    ]


def test_what_a_legacy_completion_asks_for_is_read() -> None:
    expected = Parameters(max_tokens=9, stop_sequences=("END",), temperature=0.5)
    assert AnthropicCompletions().parameters(LEGACY) == expected


def test_a_legacy_stream_is_read_like_the_whole_of_it() -> None:
    tally = AnthropicCompletions().tally()
    assert [tally.note(piece) for piece in PIECES] == [False, True, False, True]
    assert tally.reading() == AnthropicCompletions().read_answer(COMPLETION)


def test_a_legacy_stream_that_is_cut_ended_in_an_error() -> None:
    tally = AnthropicCompletions().tally()
    tally.note(PIECES[1])
    cut = Reading(Response(id="compl_1", model="claude-2.1", finish_reasons=("error",)))
    assert tally.reading() == cut


@pytest.mark.parametrize("answer", [None, {}, "<html>", 7, [], {"input_tokens": "12"}])
def test_an_answer_that_is_none_says_nothing(answer: object) -> None:
    assert AnthropicTokenCount().read_answer(answer) == Reading(Response(), finished=True)
    read = AnthropicCompletions().read_answer(answer)
    assert replace(read, unknown=frozenset()) == Reading(Response(finish_reasons=("error",)))
