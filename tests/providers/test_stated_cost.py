"""What a provider itself says that a call cost."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from firsttoken.call import Call, Ledger, Outcome, Request, Timing, Unpriced, Usage, stated_in_one
from firsttoken.providers.stated_cost import stated_cost


def call(provider: str, raw_usage: str | None, *, partial: bool = False) -> Call:
    return Call(
        request=Request("chat", provider, "openai.chat_completions", "any"),
        timing=Timing(1, 1),
        outcome=Outcome.COMPLETED,
        usage=Usage(10, 2, partial=partial),
        raw_usage=raw_usage,
    )


@pytest.mark.parametrize(
    ("total", "usage"),
    [
        ("0.00014", '{"cost":0.00014,"is_byok":false,"cost_details":{"upstream_inference_cost":0.00014}}'),
        ("0.00014", '{"cost":1.4e-4}'),
        ("0", '{"cost":0,"is_byok":false}'),
        ("19.95", '{"cost":0.95,"cost_details":{"upstream_inference_cost":19}}'),
        ("19.95", '{"cost":0.95,"is_byok":true,"cost_details":{"upstream_inference_cost":19}}'),
    ],
    ids=["credits", "exponent", "free", "own_key_before_the_flag", "own_key"],
)
def test_openrouter_says_what_it_charged_and_what_the_provider_behind_it_did(total, usage):
    assert stated_in_one(Decimal(total), "USD", "openrouter response") == stated_cost(call("openrouter", usage))


def test_a_fee_without_the_bill_of_the_provider_behind_is_not_the_cost():
    usage = '{"cost":0.01,"is_byok":true,"cost_details":{"upstream_inference_cost":null}}'
    assert Unpriced("unknown_tier") == stated_cost(call("openrouter", usage))


def test_xai_counts_in_ticks_of_which_no_digit_is_lost():
    ledger = stated_cost(call("x_ai", '{"cost_in_usd_ticks":37756001}'))
    assert stated_in_one(Decimal("0.0037756001"), "USD", "x_ai response") == ledger


@pytest.mark.parametrize(
    ("cost", "parts"),
    [
        (
            {
                "input_tokens_cost": 0.000008,
                "output_tokens_cost": 0.000439,
                "request_cost": 0.006,
                "total_cost": 0.006447,
            },
            ("0.000008", "0", "0", "0.000439", "0.006"),
        ),
        (
            {
                "currency": "USD",
                "input_cost": 0.00051,
                "cache_creation_cost": 0.0001,
                "cache_read_cost": 0.00004,
                "output_cost": 0.0089,
                "tool_calls_cost": 0.0055,
                "total_cost": 0.01505,
            },
            ("0.00051", "0.00004", "0.0001", "0.0089", "0.0055"),
        ),
    ],
    ids=["chat_completions", "responses"],
)
def test_perplexity_splits_its_bill(cost, parts):
    ledger = stated_cost(call("perplexity", json.dumps({"cost": cost})))

    assert isinstance(ledger, Ledger)
    assert tuple(map(Decimal, parts)) == ledger.parts
    assert Decimal(str(cost["total_cost"])) == ledger.total


def test_parts_that_do_not_add_up_to_the_stated_total_are_not_taken_for_it():
    usage = '{"cost":{"input_tokens_cost":0.1,"output_tokens_cost":0.2,"total_cost":0.4}}'
    assert stated_in_one(Decimal("0.4"), "USD", "perplexity response") == stated_cost(call("perplexity", usage))


@pytest.mark.parametrize(
    ("provider", "usage"),
    [
        ("openai", '{"cost":1}'),
        ("127.0.0.1", '{"cost":1}'),
        ("openrouter", None),
        ("openrouter", "{}"),
        ("openrouter", '{"cost":null}'),
        ("openrouter", '{"cost":true}'),
        ("openrouter", '{"cost":"0.1"}'),
        ("openrouter", '{"cost":-1}'),
        ("openrouter", '{"cost":NaN}'),
        ("openrouter", '{"cost":Infinity}'),
        ("openrouter", '{"cost":{"total":1}}'),
        ("openrouter", "[]"),
        ("openrouter", "not JSON"),
        ("openrouter", "[" * 100_000),
        ("x_ai", '{"cost_in_usd_ticks":null}'),
        ("perplexity", '{"cost":1}'),
        ("perplexity", '{"cost":{"total_cost":1,"currency":7}}'),
    ],
)
def test_what_says_nothing_or_nonsense_of_its_cost_is_left_to_the_price_list(provider, usage):
    assert stated_cost(call(provider, usage)) is None


def test_what_a_stream_has_cost_so_far_is_not_what_it_cost():
    assert stated_cost(call("openrouter", '{"cost":0.1}', partial=True)) is None
