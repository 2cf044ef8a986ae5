"""The same call on other terms: what it would have cost, what that takes for granted, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from firsttoken.call import Ledger, Unpriced, Usage
from firsttoken.pricing import PriceBook
from firsttoken.pricing.whatif import ASSUMPTIONS, UNKNOWABLE, Scenario, named_model, what_if

BOOK = PriceBook()
USAGE = Usage(input_tokens=100_000, output_tokens=10_000)
CACHED = Usage(
    input_tokens=100_000,
    output_tokens=10_000,
    cache_read_tokens=60_000,
    cache_write_tokens=30_000,
    cache_write_5m_tokens=20_000,
    cache_write_1h_tokens=10_000,
)


def test_a_call_as_it_was_costs_what_the_list_says_and_takes_nothing_for_granted(make_call):
    call = make_call(usage=CACHED)
    answer = what_if(call, Scenario(), BOOK)
    assert (BOOK.price(call), ()) == (answer.cost, answer.assumptions)


def test_another_model_of_the_provider_has_its_own_price(make_call):
    answer = what_if(make_call("gpt-4o", "openai", usage=USAGE), Scenario(model="gpt-4o-mini"), BOOK)
    assert Decimal("0.015") + Decimal("0.006") == answer.cost.total
    assert answer.assumptions == ("same_answer", "same_counts")


def test_the_model_that_answered_does_not_stand_in_the_way_of_another(make_call):
    call = make_call("gpt-4o", "openai", usage=USAGE, model="gpt-4o-2024-08-06")
    assert what_if(call, Scenario(model="gpt-4o-mini"), BOOK).cost.total == Decimal("0.021")


def test_another_provider_is_priced_on_its_standard_service_and_that_is_said(make_call):
    call = make_call("gpt-5", "openai", usage=USAGE, service_tier="flex")
    answer = what_if(call, named_model("anthropic/claude-sonnet-5"), BOOK)
    assert Decimal("0.2") + Decimal("0.1") == answer.cost.total
    assert answer.assumptions == ("same_answer", "same_counts", "standard_service")


def test_the_same_model_elsewhere_counts_tokens_alike(make_call):
    answer = what_if(make_call("gpt-4o", "openai", usage=USAGE), Scenario(provider="azure.ai.openai"), BOOK)
    assert Decimal("0.35") == answer.cost.total
    assert answer.assumptions == ("same_answer",)


def test_a_batch_costs_what_the_list_has_for_batches_whatever_the_tier_was(make_call):
    for tier in ({}, {"service_tier": "priority"}):
        answer = what_if(make_call("gpt-4o", "openai", usage=USAGE, **tier), Scenario(batch=True), BOOK)
        assert Decimal("0.125") + Decimal("0.05") == answer.cost.total
        assert answer.assumptions == ("batch_may_wait",)


@pytest.mark.parametrize(
    ("tier", "factor"), [("flex", Decimal("0.5")), ("standard", Decimal(1)), ("priority", Decimal(2))]
)
def test_a_tier_has_its_own_price(make_call, tier, factor):
    call = make_call("gpt-5", "openai", usage=USAGE, service_tier="flex")
    standard = Decimal("0.125") + Decimal("0.1")
    assert what_if(call, Scenario(tier=tier), BOOK).cost.total == standard * factor


def test_without_a_cache_every_token_is_plain_input(make_call):
    call = make_call(usage=CACHED)
    answer = what_if(call, Scenario(cache="none"), BOOK)
    assert Decimal("0.2") + Decimal("0.1") == answer.cost.total
    assert (answer.cost.cache_read, answer.cost.cache_write) == (0, 0)


def test_another_cache_is_taken_to_have_held_the_same(make_call):
    answer = what_if(make_call(usage=CACHED), Scenario(model="claude-haiku-4-5"), BOOK)
    assert "same_cache" in answer.assumptions
    assert answer.cost.cache_read == Decimal("0.006")


def test_a_model_without_a_price_for_cached_tokens_bills_them_as_input_and_that_is_said(make_call):
    usage = Usage(input_tokens=1000, output_tokens=100, cache_read_tokens=900)
    answer = what_if(make_call(usage=usage), named_model("openai/gpt-4"), BOOK)
    assert (Decimal("0.03"), 0) == (answer.cost.input, answer.cost.cache_read)
    assert "no_cache" in answer.assumptions


def test_prices_of_ones_own_answer_for_models_that_no_list_has(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nmodel = "llama-own"\nprovider = "vllm"\ninput = 0.1\noutput = 0.2'))
    answer = what_if(make_call(usage=USAGE), Scenario(model="llama-own", provider="vllm"), book)
    assert answer.cost.total == Decimal("0.012")


@pytest.mark.parametrize(
    ("reason", "usage", "scenario"),
    [
        ("unknown_caching", CACHED, Scenario(cache="all")),
        ("several_runs", replace(USAGE, side_input_tokens=5), Scenario(model="claude-haiku-4-5")),
        ("context_too_long", replace(USAGE, input_tokens=250_000), Scenario(model="claude-haiku-4-5")),
        ("unknown_model", USAGE, Scenario(model="no-such-model")),
        ("unknown_model", USAGE, Scenario(provider="llm.example.com")),
        ("unknown_tier", USAGE, Scenario(tier="scale")),
        ("unknown_tier", replace(USAGE, input_tokens=9), Scenario("mistral-medium", "mistral", tier="x")),
        ("unknown_tool", replace(USAGE, web_search_requests=1), Scenario("llama-3.3-70b-versatile", "groq")),
        ("partial_usage", replace(USAGE, partial=True), Scenario(model="claude-haiku-4-5")),
        ("unknown_usage", None, Scenario(model="claude-haiku-4-5")),
    ],
)
def test_what_cannot_be_known_is_said_and_not_guessed(make_call, reason, usage, scenario):
    answer = what_if(make_call(usage=usage), scenario, BOOK)
    assert (Unpriced(reason), ()) == (answer.cost, answer.assumptions)
    assert not answer.is_known


@pytest.mark.parametrize(
    ("usage", "model", "knows", "lacks"),
    [
        (Usage(1000, 10, input_text_tokens=100, input_audio_tokens=900), "gpt-audio", "gpt-audio-mini", "gpt-4o-mini"),
        (Usage(1000, 10, input_text_tokens=100, input_image_tokens=900), "gpt-image-1", "gpt-image-1-mini", "gpt-4o"),
    ],
)
def test_tokens_that_have_a_price_of_their_own_need_one_on_the_other_model(make_call, usage, model, knows, lacks):
    call = make_call(model, "openai", usage=usage)
    assert what_if(call, Scenario(model=lacks), BOOK).cost == Unpriced("unknown_modality")
    assert what_if(call, Scenario(model=knows), BOOK).is_known


def test_what_nobody_is_billed_for_costs_nothing_elsewhere_either(make_call):
    call = make_call(usage=None)
    counting = replace(call, request=replace(call.request, operation="fetch_response"))
    assert what_if(counting, Scenario(model="gpt-4o"), BOOK).cost == Unpriced("not_billed")


def test_a_call_whose_counts_are_short_has_no_price_elsewhere_either(make_call):
    call = replace(make_call("gpt-4o", "openai", usage=USAGE), cost=Unpriced("unknown_cache"))
    assert what_if(call, Scenario(model="gpt-4o-mini"), BOOK).cost == Unpriced("unknown_cache")


def test_a_call_that_the_provider_priced_is_held_against_lists(make_call):
    call = replace(make_call("gpt-4o", "openai", usage=USAGE), cost=Ledger(None, None, None, None, "USD", "x response"))
    assert what_if(call, Scenario(), BOOK).cost.total == Decimal("0.35")


def test_without_a_price_list_only_ones_own_prices_answer(make_call, price_file, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] == "genai_prices"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    book = PriceBook.load(price_file('[[price]]\nmodel = "own"\ninput = 1\noutput = 1'))
    call = make_call(usage=USAGE)
    assert what_if(call, Scenario(model="own"), book).cost.total == Decimal("0.11")
    assert what_if(call, Scenario(model="gpt-4o"), book).cost == Unpriced("no_price_list")


@pytest.mark.parametrize(
    ("name", "model", "provider"),
    [
        ("anthropic/claude-sonnet-5", "claude-sonnet-5", "anthropic"),
        ("gpt-4o", "gpt-4o", None),
        ("openai/gpt-oss-120b", "gpt-oss-120b", "openai"),
        ("groq/openai/gpt-oss-120b", "openai/gpt-oss-120b", "groq"),
        ("meta-llama/llama-3", "meta-llama/llama-3", None),
        ("openai/", "openai/", None),
    ],
)
def test_a_model_is_named_with_or_without_its_provider(name, model, provider):
    assert Scenario(model, provider) == named_model(name)


def test_every_word_has_a_sentence():
    assert all(ASSUMPTIONS.values())
    assert all(UNKNOWABLE.values())
