"""A message whose request ran more models than the one that answered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import anthropic.types.beta
import pytest
from anthropic._models import construct_type

from firsttoken.call import Call, Ledger, Outcome, Portion, Request, Response, Timing, Unpriced, Usage
from firsttoken.pricing import PriceBook
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.wire import Reading

Json = dict[str, Any]

OWN = {"input_tokens": 100, "cache_read_input_tokens": 50, "cache_creation_input_tokens": 0, "output_tokens": 40}
MESSAGE = {"type": "message", "model": "claude-sonnet-5", **OWN}
COMPACTION = {
    "type": "compaction",
    "input_tokens": 180_000,
    "cache_read_input_tokens": 0,
    "cache_creation_input_tokens": 0,
    "output_tokens": 3_000,
}
ADVICE = {
    "type": "advisor_message",
    "model": "claude-opus-4-8",
    "input_tokens": 900,
    "cache_read_input_tokens": 0,
    "cache_creation_input_tokens": 0,
    "output_tokens": 500,
}
SERVED = Response(id="msg_1", model="claude-sonnet-5", finish_reasons=("end_turn",), service_tier="standard")


def answer(*iterations: Json) -> Json:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": [{"type": "text", "text": "Hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {**OWN, "service_tier": "standard", "iterations": [*iterations]},
    }


def whole(said: Json) -> Reading:
    return AnthropicMessages().read_answer(construct_type(value=said, type_=anthropic.types.beta.BetaMessage))


def plain(said: Json) -> Reading:
    return AnthropicMessages().read_answer(said)


def streamed(said: Json) -> Reading:
    """The same answer event by event: iterations come with the last counts alone."""
    opening = {
        **said,
        "content": [],
        "stop_reason": None,
        "usage": {**OWN, "service_tier": "standard", "output_tokens": 1},
    }
    final = {"output_tokens": 40, "iterations": said["usage"]["iterations"]}
    tally = AnthropicMessages().tally()
    for event in (
        {"type": "message_start", "message": opening},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": final},
    ):
        tally.note(event)
    return tally.reading()


every_form = pytest.mark.parametrize("read", [whole, plain, streamed])
Read = Callable[[Json], Reading]


@every_form
@pytest.mark.parametrize("iterations", [[], [MESSAGE], [MESSAGE, MESSAGE]])
def test_the_models_own_iterations_are_in_its_totals_already(read: Read, iterations: list[Json]) -> None:
    own = Usage(input_tokens=150, output_tokens=40, cache_read_tokens=50, cache_write_tokens=0)
    assert Reading(SERVED, own, finished=True) == read(answer(*iterations))


@every_form
def test_a_compaction_and_advice_are_added_to_the_totals_and_billed_apart(read: Read) -> None:
    said = read(answer(COMPACTION, MESSAGE, ADVICE))

    expected = Usage(
        input_tokens=150 + 180_000 + 900,
        output_tokens=40 + 3_000 + 500,
        cache_read_tokens=50,
        cache_write_tokens=0,
        side_input_tokens=180_900,
        side_output_tokens=3_500,
    )
    assert expected == said.usage
    assert [(portion.response.model, portion.usage.output_tokens) for portion in said.portions] == [
        ("claude-sonnet-5", 40),
        ("claude-sonnet-5", 3_000),
        ("claude-opus-4-8", 500),
    ]


@every_form
def test_a_side_run_without_its_counts_leaves_the_usage_partial(read: Read) -> None:
    said = read(answer(MESSAGE, {"type": "compaction", "input_tokens": 9}))
    assert said.usage is not None
    assert (said.usage.partial, said.usage.input_tokens) == (True, 159)


def call_of(said: Reading, **timing: int) -> Call:
    return Call(
        request=Request("chat", "anthropic", "anthropic.messages", "claude-sonnet-5", stream=True),
        timing=Timing(1_795_348_800_000_000_000, 5_000_000_000, **timing),
        outcome=Outcome.COMPLETED,
        response=said.response,
        usage=said.usage,
    )


def priced(book: PriceBook, said: Reading) -> object:
    return book.price(call_of(said), said.portions)


def test_each_run_is_priced_at_the_rates_of_its_own_model() -> None:
    book = PriceBook()
    together, *apart = (
        priced(book, plain(answer(*iterations))) for iterations in ((COMPACTION, ADVICE), (), (COMPACTION,), (ADVICE,))
    )
    amounts = [cost.total for cost in (together, *apart) if isinstance(cost, Ledger)]
    assert len(amounts) == 4
    without, compacted, advised = amounts[1:]
    assert amounts[0] == compacted + advised - without
    assert advised - without == (Decimal(900) * 5 + Decimal(500) * 25) / 1_000_000


def test_an_adviser_without_a_price_leaves_the_call_without() -> None:
    unheard_of = {**ADVICE, "model": "a-model-of-next-year"}
    assert Unpriced("unknown_model") == priced(PriceBook(), plain(answer(unheard_of)))


def test_the_rate_of_a_stream_is_that_of_the_model_that_wrote_it() -> None:
    marks = {"first_chunk_ns": 1_000_000_000, "first_token_ns": 1_000_000_000, "last_chunk_ns": 4_000_000_000}
    rates = {
        call_of(plain(answer(*iterations)), **marks).output_tokens_per_second
        for iterations in ((), (COMPACTION, ADVICE))
    }
    assert rates == {13.0}


def test_a_compaction_in_the_answer_is_told() -> None:
    said = answer(MESSAGE)
    said["content"].insert(0, {"type": "compaction", "content": "So far: …"})
    assert plain(said).response.compacted
    tally = AnthropicMessages().tally()
    assert not tally.note({"type": "content_block_start", "index": 0, "content_block": {"type": "compaction"}})
    assert tally.reading().response.compacted


def test_a_portion_keeps_the_terms_of_its_request() -> None:
    said = plain(answer(ADVICE))
    assert isinstance(said.portions, tuple)
    assert (
        Portion(
            Usage(input_tokens=900, output_tokens=500, cache_read_tokens=0, cache_write_tokens=0),
            Response(id="msg_1", model="claude-opus-4-8", finish_reasons=("end_turn",), service_tier="standard"),
        )
        == said.portions[1]
    )
