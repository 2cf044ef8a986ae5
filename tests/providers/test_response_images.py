"""A response that had images made: another model ran, and its tokens and its price are its own."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import openai._models
import pytest

from firsttoken.call import Call, Ledger, Outcome, Request, Timing, Unpriced, Usage
from firsttoken.pricing import PriceBook
from firsttoken.providers.openai_responses import OpenAIResponses
from firsttoken.providers.wire import Reading

SdkResponse = pytest.importorskip("openai.types.responses", reason="not offered by this openai").Response

Json = dict[str, Any]

OWN = Usage(input_tokens=1000, output_tokens=100)
IMAGES = {
    "input_tokens": 50,
    "input_tokens_details": {"image_tokens": 20, "text_tokens": 30},
    "output_tokens": 4000,
    "output_tokens_details": {"image_tokens": 4000, "text_tokens": 0},
    "total_tokens": 4050,
}
CALL = {"type": "image_generation_call", "id": "ig_1", "status": "completed", "result": ""}
TOOLS = [{"type": "image_generation", "model": "gpt-image-1"}]


def response(**more: Any) -> Json:
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "model": "gpt-4o",
        "output": [],
        "usage": {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100},
        **more,
    }


@pytest.fixture(params=["object", "dict"])
def read(request: pytest.FixtureRequest) -> Any:
    def as_told(said: Json) -> Reading:
        made = openai._models.construct_type(value=said, type_=SdkResponse) if request.param == "object" else said
        return OpenAIResponses().read_answer(made)

    return as_told


def cost_of(said: Reading) -> Any:
    call = Call(
        Request("chat", "openai", "openai.responses", "gpt-4o"),
        Timing(1_763_000_000_000_000_000, 1),
        Outcome.COMPLETED,
        response=said.response,
        usage=said.usage,
    )
    return PriceBook().price(call, said.portions)


def test_its_tokens_are_in_the_totals_and_told_apart(read: Any) -> None:
    said = read(response(output=[CALL], tools=TOOLS, tool_usage={"image_gen": IMAGES}))
    assert Usage(1050, 4100, side_input_tokens=50, side_output_tokens=4000) == said.usage
    assert [
        ("gpt-4o", said.portions[0].usage),
        (said.portions[1].response.model, said.portions[1].usage.output_image_tokens),
    ] == [("gpt-4o", OWN), ("gpt-image-1", 4000)]


def test_it_is_billed_at_the_price_of_its_own_model(read: Any) -> None:
    own = cost_of(read(response()))
    both = cost_of(read(response(output=[CALL], tools=TOOLS, tool_usage={"image_gen": IMAGES})))
    assert isinstance(own, Ledger)
    assert isinstance(both, Ledger)
    assert both.total - own.total == (30 * Decimal(5) + 20 * Decimal(10) + 4000 * Decimal(40)) / 10**6


def test_a_model_that_is_not_told_leaves_the_response_without_a_price(read: Any) -> None:
    said = read(response(output=[CALL], tool_usage={"image_gen": IMAGES}))
    assert Unpriced("unknown_model") == cost_of(said)


def test_images_that_nobody_has_counted_leave_the_usage_partial(read: Any) -> None:
    said = read(response(output=[CALL], tools=TOOLS))
    assert replace(OWN, partial=True) == said.usage
    assert Unpriced("partial_usage") == cost_of(said)


@pytest.mark.parametrize("told", [None, {}, {"image_gen": None}, {"image_gen": dict.fromkeys(IMAGES, 0)}, "odd"])
def test_a_response_without_images_is_as_ever(read: Any, told: object) -> None:
    said = read(response(tools=TOOLS, tool_usage=told))
    assert said.usage == OWN
    assert said.portions == ()
