"""An adapter's call is recorded exactly once, whoever else observes the SDKs, and nothing else is because of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from observe.program import DONE, PROGRAMS, Program
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from patience import PATIENCE_S

import firsttoken
from adapter.adapting import EVERY_WIRE, WORDS, asked, drained, streaming, with_client
from firsttoken import StreamAdapter, instrumentation
from firsttoken.adapter import Stream, StreamResult
from firsttoken.testing import Answer, CapturedTelemetry, ErrorAnswer, ProviderServer
from firsttoken.zero_code import AnthropicInstrumentor, OpenAIInstrumentor

pytestmark = pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning")


def providers(telemetry: CapturedTelemetry) -> dict[str, Any]:
    return {
        "tracer_provider": telemetry.tracer_provider,
        "meter_provider": telemetry.meter_provider,
        "logger_provider": telemetry.logger_provider,
    }


def spans(telemetry: CapturedTelemetry) -> list[str]:
    assert firsttoken.flush(PATIENCE_S)
    return [span["span_id"] for span in telemetry.spans]


async def adapted(program: Program, client: Any, wire: str) -> str:
    """One call of an adapter, by the id of its span."""
    result: StreamResult = await program.get(streaming(client, wire).read())
    assert result.span_id is not None
    return result.span_id


async def bare(program: Program, client: Any, wire: str) -> None:
    """The same without one."""
    methods = {"chat": lambda: client.chat.completions, "responses": lambda: client.responses}
    create = methods.get(wire, lambda: client.messages)().create
    await program.get(create(**asked(wire)))


@EVERY_WIRE
def test_all_signals_of_an_adapters_call_go_out_and_none_of_the_programs_own_calls(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    async def work(client: Any) -> str:
        await bare(colour, client, wire)
        span_id = await adapted(colour, client, wire)
        await bare(colour, client, wire)
        return span_id

    span_id = with_client(wire, colour, provider, work)
    assert spans(adapters) == [span_id]
    assert [point["count"] for point in adapters.points_of("gen_ai.client.inference.duration")] == [1]
    assert {log["span_id"] for log in adapters.logs} == {span_id}
    assert len(provider.requests) == 3


@EVERY_WIRE
def test_a_call_of_an_adapter_is_told_like_one_that_instrument_observes(
    wire: str, colour: Program, telemetry: CapturedTelemetry, provider: ProviderServer
) -> None:
    """All but times and ids, for the same answer to the same request."""
    provider.enqueue(*[Answer(text=WORDS, id="answer-1")] * 2)

    async def by_itself(client: Any) -> str:
        return await adapted(colour, client, wire)

    instrumentation.observe_adapters(instrumentation.GivenProviders(*providers(telemetry).values()))
    with_client(wire, colour, provider, by_itself)
    spans(telemetry)
    firsttoken.uninstrument()
    firsttoken.instrument(**providers(telemetry))
    with_client(wire, colour, provider, by_itself)
    spans(telemetry)
    one, other = ({**span["attributes"], "name": span["name"]} for span in telemetry.spans)
    assert one.keys() == other.keys()
    assert {name for name in one if one[name] != other[name]} <= VARYING


VARYING = {
    "firsttoken.chunk.largest_gap",
    "firsttoken.consumer_wait",
    "firsttoken.provider_wait",
    "firsttoken.response.output_tokens_per_second",
    "firsttoken.response.request_id",
    "firsttoken.time_to_first_token",
    "firsttoken.time_to_headers",
    "firsttoken.time_to_last_chunk",
    "gen_ai.response.time_to_first_chunk",
}
"""What differs from one call to the next."""

ORDERS = {
    "instrument, adapter": ("instrument", "adapter"),
    "adapter, instrument, adapter": ("adapter", "instrument", "adapter"),
    "instrument twice": ("instrument", "instrument", "adapter"),
    "instrument, uninstrument, adapter": ("instrument", "uninstrument", "give", "adapter"),
    "adapter, uninstrument, adapter": ("give", "adapter", "uninstrument", "give", "adapter"),
    "one SDK by zero code": ("openai", "adapter"),
    "the other SDK by zero code": ("anthropic", "adapter"),
    "both by zero code, then taken off": ("openai", "anthropic", "adapter", "off", "give", "adapter"),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@EVERY_WIRE
def test_a_call_is_recorded_once_in_any_order(
    wire: str, order: tuple[str, ...], telemetry: CapturedTelemetry, provider: ProviderServer
) -> None:
    program, calls = PROGRAMS["sync"], list[str]()
    given = providers(telemetry)
    if order[0] == "adapter":
        order = ("give", *order)

    async def work(client: Any) -> None:
        for step in order:
            match step:
                case "instrument":
                    firsttoken.instrument(**given)
                case "uninstrument":
                    firsttoken.uninstrument()
                case "openai":
                    OpenAIInstrumentor().instrument(**given)
                case "anthropic":
                    AnthropicInstrumentor().instrument(**given)
                case "off":
                    OpenAIInstrumentor().uninstrument()
                    AnthropicInstrumentor().uninstrument()
                case "give":
                    instrumentation.observe_adapters(instrumentation.GivenProviders(*given.values()))
                case _:
                    calls.append(await adapted(program, client, wire))

    try:
        with_client(wire, program, provider, work)
        assert spans(telemetry) == calls
    finally:
        for instrumentor in (OpenAIInstrumentor(), AnthropicInstrumentor()):
            if instrumentor.is_instrumented_by_opentelemetry:
                instrumentor.uninstrument()


@pytest.mark.parametrize("first", ["adapter", "instrument"])
def test_instrument_observes_everything_whether_or_not_an_adapter_was_first(
    first: str, telemetry: CapturedTelemetry, provider: ProviderServer
) -> None:
    program = PROGRAMS["sync"]
    if first == "adapter":
        instrumentation.observe_adapters(instrumentation.GivenProviders(*providers(telemetry).values()))
    firsttoken.instrument(**providers(telemetry))

    async def work(client: Any) -> None:
        await bare(program, client, "chat")
        await adapted(program, client, "chat")

    with_client("chat", program, provider, work)
    assert len(spans(telemetry)) == 2
    firsttoken.uninstrument()
    with_client("chat", program, provider, lambda client: bare(program, client, "chat"))
    assert len(telemetry.spans) == 2


@EVERY_WIRE
def test_suppressed_instrumentation_records_nothing_and_the_stream_is_the_same(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    provider.enqueue(Answer(text=WORDS))

    async def work(client: Any) -> StreamResult:
        with suppress_instrumentation():
            return await colour.get(streaming(client, wire).read())

    result = with_client(wire, colour, provider, work)
    assert (result.text, result.span_id, result.trace_id) == ("".join(WORDS), None, None)
    assert result.timing.first_token_s is not None
    assert spans(adapters) == []


@EVERY_WIRE
def test_the_call_has_the_parent_that_is_current_where_it_is_sent_and_is_not_current_for_the_reader(
    wire: str, colour: Program, adapters: CapturedTelemetry, provider: ProviderServer
) -> None:
    tracer = adapters.tracer_provider.get_tracer("test")

    async def work(client: Any) -> None:
        with tracer.start_as_current_span("parent") as parent:
            stream = streaming(client, wire)
            await colour.enter(stream)
            assert trace.get_current_span() is parent
            await colour.next(stream)
            assert trace.get_current_span() is parent
        await drained(colour, stream)
        await colour.leave(stream)

    with_client(wire, colour, provider, work)
    assert firsttoken.flush(PATIENCE_S)
    parent, call = adapters.spans
    assert call["parent_span_id"] == parent["span_id"]


def test_what_the_sdk_repeats_stays_one_call(adapters: CapturedTelemetry, provider: ProviderServer) -> None:
    program = PROGRAMS["sync"]
    provider.enqueue(ErrorAnswer(status=503, headers={"retry-after-ms": "1"}), Answer(text=WORDS))
    span_id = with_client("chat", program, provider, lambda client: adapted(program, client, "chat"), max_retries=2)
    assert spans(adapters) == [span_id]
    assert adapters.spans[0]["attributes"]["http.request.resend_count"] == 1


@EVERY_WIRE
def test_many_threads_with_one_client_and_one_adapter_each_have_their_own_call(
    wire: str, adapters: CapturedTelemetry
) -> None:
    program, names = PROGRAMS["sync"], [f"model-{number}" for number in range(12)]

    async def work(client: Any) -> list[StreamResult]:
        adapter: StreamAdapter[Stream] = StreamAdapter(client)

        def ask(name: str) -> StreamResult:
            return adapter.stream({**asked(wire), "model": name}).read()

        with ThreadPoolExecutor(6) as pool:
            return list(pool.map(ask, names))

    with ProviderServer(lambda request: Answer(text=(str(request.model),))) as server:
        results = with_client(wire, program, server, work)
    assert [result.text for result in results] == names
    assert sorted(spans(adapters)) == sorted(str(result.span_id) for result in results)
    by_id = {span["span_id"]: span["attributes"]["gen_ai.request.model"] for span in adapters.spans}
    assert [by_id[str(result.span_id)] for result in results] == names


@EVERY_WIRE
def test_streams_side_by_side_on_one_client_do_not_mix(wire: str, colour: Program, adapters: CapturedTelemetry) -> None:
    async def work(client: Any) -> list[StreamResult]:
        adapter = StreamAdapter(client)
        streams = [adapter.stream({**asked(wire), "model": f"model-{number}"}) for number in range(3)]
        for stream in streams:
            await colour.enter(stream)
        left = list(streams)
        while left:
            left = [stream for stream in left if await colour.next(stream) is not DONE]
        return [stream.result for stream in streams]

    with ProviderServer(lambda request: Answer(text=(*WORDS, str(request.model)))) as server:
        results = with_client(wire, colour, server, work)
    assert [result.text for result in results] == [f"{''.join(WORDS)}model-{number}" for number in range(3)]
    assert sorted(spans(adapters)) == sorted(str(result.span_id) for result in results)
