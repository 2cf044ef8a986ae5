"""Message batches through the SDK: handed in, and read, once or again, to the end or not."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import anthropic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import ANTHROPIC_HTTP, BYTE_STREAMS, part_of

from firsttoken.call import Call, Ledger, Outcome, Portion, Request, Response, Timing, Unpriced, Usage, total_cost
from firsttoken.observe.counted import COUNTED, MOST_REMEMBERED, Counted
from firsttoken.pricing import PriceBook
from firsttoken.providers.anthropic_batches import BatchTally
from firsttoken.providers.summed import LARGE_INPUT, SummedPortions
from firsttoken.testing import CapturedTelemetry
from providers.observing import counted, said

Json = dict[str, Any]

BATCH = {
    "id": "msgbatch_1",
    "type": "message_batch",
    "processing_status": "in_progress",
    "request_counts": {"processing": 3, "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0},
    "created_at": "2026-11-22T10:00:00Z",
    "expires_at": "2026-11-23T10:00:00Z",
    "results_url": None,
}
MODEL = "claude-sonnet-4-5"


def succeeded(number: int, model: str = MODEL, **usage: Any) -> Json:
    counts = {"input_tokens": 1_000, "output_tokens": 100, "service_tier": "batch", **usage}
    message = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "Hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": counts,
    }
    return {"custom_id": f"c{number}", "result": {"type": "succeeded", "message": message}}


ERRORED = {
    "custom_id": "c8",
    "result": {
        "type": "errored",
        "error": {"type": "error", "error": {"type": "invalid_request_error", "message": "No"}},
    },
}
EXPIRED = {"custom_id": "c9", "result": {"type": "expired"}}
LINES = [succeeded(1), ERRORED, succeeded(2, output_tokens=300), EXPIRED]
WHOLE_COST = Decimal(2_000) * Decimal("1.5") / 1_000_000 + Decimal(400) * Decimal("7.5") / 1_000_000


class Body(*BYTE_STREAMS):  # type: ignore[misc]
    """A body that comes in pieces while it is read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._content), 100):
            yield self._content[start : start + 100]

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Provider:
    """Answers for one batch, whose results can be set."""

    def __init__(self) -> None:
        self.lines: list[Json | str] = [*LINES]
        self.batch_id = "msgbatch_1"

    def __call__(self, request: Any) -> Any:
        path, headers = request.url.path, {"request-id": "req_1"}
        if request.method == "POST":
            json.loads(request.content)["requests"]
            return ANTHROPIC_HTTP.Response(200, headers=headers, json=BATCH)
        if not path.endswith("/results"):
            url = f"https://api.anthropic.com/v1/messages/batches/{self.batch_id}/results"
            ended = {**BATCH, "id": self.batch_id, "processing_status": "ended", "results_url": url}
            return ANTHROPIC_HTTP.Response(200, headers=headers, json=ended)
        body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in self.lines)
        headers["content-type"] = "application/binary"
        return ANTHROPIC_HTTP.Response(200, headers=headers, stream=Body(body.encode()))


@pytest.fixture
def provider() -> Iterator[Provider]:
    COUNTED.forget()
    yield Provider()
    COUNTED.forget()


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, provider: Provider) -> Any:
    transport = ANTHROPIC_HTTP.MockTransport(provider)
    if request.param == "sync":
        return anthropic.Anthropic(api_key="key", http_client=ANTHROPIC_HTTP.Client(transport=transport))
    return anthropic.AsyncAnthropic(api_key="key", http_client=ANTHROPIC_HTTP.AsyncClient(transport=transport))


async def results(batches: Any, most: int | None = None, batch_id: str = "msgbatch_1") -> list[Any]:
    """What the caller reads of the results, closing them where that is not all."""
    decoder = batches.results(batch_id)
    decoder = await decoder if inspect.isawaitable(decoder) else decoder
    decoder = decoder.parse() if hasattr(decoder, "parse") else decoder
    decoder = await decoder if inspect.isawaitable(decoder) else decoder
    read: list[Any] = []
    lines = aiter(decoder) if hasattr(decoder, "__anext__") else iter(decoder)
    while most is None or len(read) < most:
        try:
            read.append(await anext(lines) if hasattr(decoder, "__anext__") else next(lines))
        except (StopIteration, StopAsyncIteration):
            return read
    closing = decoder.close()
    if inspect.isawaitable(closing):
        await closing
    return read


def test_a_batch_that_is_handed_in_is_a_call_without_usage_or_cost(client: Any, observed: CapturedTelemetry) -> None:
    requests = (
        {
            "custom_id": f"c{i}",
            "params": {"model": MODEL, "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]},
        }
        for i in range(3)
    )

    async def program() -> Any:
        batch = client.messages.batches.create(requests=requests)
        return await batch if inspect.isawaitable(batch) else batch

    assert asyncio.run(program()).id == "msgbatch_1"
    names = ("gen_ai.operation.name", "gen_ai.response.id", "gen_ai.response.status", "firsttoken.batch.requests")
    assert said(observed, *names) == [("create_batch", "msgbatch_1", "in_progress", 3)]
    (span,) = observed.spans
    assert span["name"] == "create_batch"
    assert not {name for name in span["attributes"] if "usage" in name or "cost" in name}
    assert [point["count"] for point in observed.points_of("gen_ai.client.operation.duration")] == [1]
    assert not observed.points_of("gen_ai.client.inference.duration")


@pytest.mark.parametrize("beta", [False, True], ids=["messages", "beta"])
def test_the_results_are_one_call_with_everything_that_is_billed(
    client: Any, beta: bool, observed: CapturedTelemetry
) -> None:
    batches = (client.beta if beta else client).messages.batches
    read = asyncio.run(results(batches))

    assert [line.custom_id for line in read] == ["c1", "c8", "c2", "c9"]
    names = (
        "gen_ai.operation.name",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "firsttoken.response.service_tier",
        "firsttoken.batch.requests",
        "firsttoken.batch.failed",
        "firsttoken.chunk.count",
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.output_tokens",
        "firsttoken.cost.total",
        "firsttoken.outcome",
    )
    expected = ("batch_results", "msgbatch_1", MODEL, "batch", 4, 2, 4, 2_000, 400, float(WHOLE_COST), "completed")
    assert [expected] == said(observed, *names)
    assert counted(observed, "gen_ai.client.inference.usage.output_tokens") == 400
    assert counted(observed, "firsttoken.client.cost") == float(WHOLE_COST)
    assert not observed.points_of("gen_ai.client.inference.operation.output_tokens")
    assert "firsttoken.time_to_first_token" not in observed.spans[0]["attributes"]


def test_reading_them_again_is_told_and_bills_nothing_again(client: Any, observed: CapturedTelemetry) -> None:
    async def program() -> None:
        await results(client.messages.batches)
        await results(client.messages.batches)

    asyncio.run(program())
    names = (
        "firsttoken.response.repeated",
        "gen_ai.usage.output_tokens",
        "firsttoken.cost.total",
        "firsttoken.cost.unpriced",
    )
    assert [(None, 400, float(WHOLE_COST), None), (True, None, None, None)] == said(observed, *names)
    assert counted(observed, "firsttoken.client.cost") == float(WHOLE_COST)
    assert counted(observed, "firsttoken.client.unpriced_calls") == 0


def test_results_that_are_left_early_count_when_they_are_read_whole(client: Any, observed: CapturedTelemetry) -> None:
    async def program() -> None:
        await results(client.messages.batches, most=1)
        await results(client.messages.batches)

    asyncio.run(program())
    names = ("firsttoken.outcome", "firsttoken.chunk.count", "gen_ai.usage.output_tokens")
    assert said(observed, *names) == [("closed", 1, None), ("completed", 4, 400)]
    assert counted(observed, "firsttoken.client.unpriced_calls") == 0


def test_raw_results_are_the_same_call(client: Any, observed: CapturedTelemetry) -> None:
    raw = client.messages.batches.with_raw_response
    part_of(raw, "results")
    asyncio.run(results(raw))
    assert said(observed, "gen_ai.operation.name", "gen_ai.usage.output_tokens") == [("batch_results", 400)]


def test_results_that_are_saved_as_bytes_are_the_same_call(
    client: Any, observed: CapturedTelemetry, tmp_path: Path
) -> None:
    async def program() -> None:
        manager = part_of(client.messages.batches.with_streaming_response, "results")("msgbatch_1")
        if hasattr(manager, "__aenter__"):
            async with manager as response:
                (tmp_path / "results").write_bytes(await response.read())
        else:
            with manager as response:
                (tmp_path / "results").write_bytes(response.read())

    asyncio.run(program())
    assert len((tmp_path / "results").read_text().splitlines()) == 4
    assert said(observed, "firsttoken.chunk.count", "gen_ai.usage.output_tokens") == [(4, 400)]


def test_a_batch_in_which_everything_failed_cost_nothing(
    client: Any, provider: Provider, observed: CapturedTelemetry
) -> None:
    provider.lines = [ERRORED, EXPIRED]
    asyncio.run(results(client.messages.batches))
    names = (
        "firsttoken.batch.failed",
        "gen_ai.usage.output_tokens",
        "firsttoken.cost.total",
        "firsttoken.cost.unpriced",
    )
    assert said(observed, *names) == [(2, None, None, None)]


def test_a_batch_of_several_models_is_billed_at_the_price_of_each(
    client: Any, provider: Provider, observed: CapturedTelemetry
) -> None:
    provider.lines = [succeeded(1), succeeded(2, model="claude-haiku-4-5")]
    asyncio.run(results(client.messages.batches))
    ((model, cost),) = said(observed, "gen_ai.response.model", "firsttoken.cost.total")
    assert model is None
    assert cost == pytest.approx((1_000 * 1.5 + 100 * 7.5 + 1_000 * 0.5 + 100 * 2.5) / 1e6)


def test_an_answer_that_does_not_count_leaves_the_batch_unpriced(
    client: Any, provider: Provider, observed: CapturedTelemetry
) -> None:
    provider.lines = [succeeded(1), succeeded(2, input_tokens=None, output_tokens=None)]
    asyncio.run(results(client.messages.batches))
    names = ("firsttoken.usage.partial", "firsttoken.cost.unpriced")
    assert said(observed, *names) == [(True, "partial_usage")]


def tally(*lines: Json) -> BatchTally:
    read = BatchTally()
    for line in lines:
        assert not read.note(line)
    return read


def test_results_of_next_year_are_named_and_counted() -> None:
    reading = tally({"custom_id": "a", "result": {"type": "postponed"}}, {}, {"result": None}, succeeded(1)).reading()
    assert {"result postponed", "result (NoneType)"} == reading.unknown
    assert (reading.response.batch_requests, reading.response.batch_failed) == (4, 0)


def test_what_a_result_does_not_say_of_its_terms_is_a_batchs() -> None:
    reading = tally(succeeded(1, service_tier=None)).reading()
    assert [portion.response.service_tier for portion in reading.portions] == ["batch"]


def test_the_tally_does_not_grow_with_the_batch() -> None:
    many = tally(*(succeeded(number) for number in range(500))).reading()
    assert [
        Portion(Usage(500_000, 50_000), Response(model=MODEL, service_tier="batch"), largest_input_tokens=1_000)
    ] == [*many.portions]


def priced(*portions: Portion) -> object:
    usage = Usage(1, 1)
    call = Call(
        Request("batch_results", "anthropic", "anthropic.batches"),
        Timing(1_795_348_800_000_000_000, 1),
        Outcome.COMPLETED,
        Response(),
        usage,
    )
    return PriceBook().price(call, portions)


COUNTS = st.integers(0, 400_000)


@given(st.lists(st.tuples(COUNTS, COUNTS, st.sampled_from([MODEL, "claude-haiku-4-5"]), st.integers(0, 3)), min_size=1))
def test_the_cost_of_a_batch_is_the_sum_of_what_each_answer_costs(answers: list[tuple[int, int, str, int]]) -> None:
    apart = [
        Portion(Usage(read, written), Response(model=model, service_tier="batch"))
        for read, written, model, _ in answers
    ]
    summed = SummedPortions()
    for portion in apart:
        summed.add(portion)

    together, each = priced(*summed.portions()), total_cost(filter(is_cost, map(priced, apart)))
    assert isinstance(together, Ledger)
    assert isinstance(each, Ledger)
    assert (each.total, each.input, each.output) == (together.total, together.input, together.output)


def is_cost(cost: Any) -> bool:
    return isinstance(cost, Ledger | Unpriced)


def test_a_sum_whose_prompts_are_priced_by_size_is_not_guessed_at() -> None:
    summed = Portion(
        Usage(900_000, 10), Response(model=MODEL, service_tier="batch"), largest_input_tokens=2 * LARGE_INPUT
    )
    assert priced(summed) == Unpriced("price_error")


def test_only_so_many_batches_are_remembered() -> None:
    memory = Counted()
    assert memory.is_first(("a",))
    assert not memory.is_first(("a",))
    assert all(memory.is_first((str(number),)) for number in range(MOST_REMEMBERED))
    assert memory.is_first(("a",))


def test_a_batch_that_cannot_be_read_is_a_failed_call(
    client: Any, provider: Provider, observed: CapturedTelemetry
) -> None:
    async def program() -> None:
        with pytest.raises(json.JSONDecodeError):
            await results(client.messages.batches)

    provider.lines = [succeeded(1), "{", succeeded(2)]
    asyncio.run(program())
    assert said(observed, "firsttoken.outcome", "firsttoken.chunk.count", "gen_ai.usage.output_tokens") == [
        ("failed", 1, None)
    ]
