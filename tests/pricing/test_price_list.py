"""Prices of the list, against the list's own calculation."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, TieredPrices
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.call import Ledger, Unpriced, Usage
from firsttoken.pricing import PriceBook
from firsttoken.pricing.price_list import PROVIDER_IDS

BOOK = PriceBook()
SOURCE = f"genai-prices {genai_prices.__version__}"
MODELS = {provider.id: [model.id for model in provider.models] for provider in get_snapshot().providers}
LISTED = [(name, model) for name, listed in PROVIDER_IDS.items() for model in MODELS[listed]]
TIERED = [
    (name, model.id)
    for name, listed in PROVIDER_IDS.items()
    for provider in get_snapshot().providers
    if provider.id == listed
    for model in provider.models
    if isinstance(model.prices, ModelPrice) and isinstance(model.prices.input_mtok, TieredPrices)
]
DAYS = st.integers(0, 1200).map(
    lambda days: datetime(2024, 1, 1, 3, tzinfo=UTC) + timedelta(days=days, hours=days % 24)
)
COUNTS = st.integers(0, 1_500_000)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Consistent counts: no part is larger than its total."""
    read, write, uncached = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    write_1h = draw(st.integers(0, write))
    output = draw(COUNTS)
    return Usage(
        input_tokens=read + write + uncached,
        output_tokens=output,
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_5m_tokens=write - write_1h,
        cache_write_1h_tokens=write_1h,
        reasoning_tokens=draw(st.integers(0, output)),
        web_search_requests=draw(st.none() | st.integers(0, 50)),
    )


def test_embeddings_have_no_output_to_pay_for(make_call):
    call = make_call("text-embedding-3-small", "openai", usage=Usage(input_tokens=1_000_000))
    assert BOOK.price(call) == Unpriced("unknown_usage")
    embedded = replace(call, request=replace(call.request, operation="embeddings"))
    cost = BOOK.price(embedded)
    assert isinstance(cost, Ledger)
    assert (cost.input, cost.output, cost.total) == (Decimal("0.02"), 0, Decimal("0.02"))


def test_fetching_an_answer_is_not_billed(make_call):
    call = make_call("gpt-5", "openai", usage=None)
    assert BOOK.price(replace(call, request=replace(call.request, operation="fetch_response"))) is None


def listed_total(provider: str, model: str, usage: Usage, at: datetime, **context: str) -> Decimal:
    return genai_prices.calc_price(
        genai_prices.Usage(
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            cache_write_1h_tokens=usage.cache_write_1h_tokens,
            output_reasoning_tokens=usage.reasoning_tokens,
            web_searches=usage.web_search_requests,
        ),
        model,
        provider_id=PROVIDER_IDS[provider],
        genai_request_timestamp=at,
        price_context=context or None,
    ).total_price


@pytest.mark.parametrize("models", [LISTED, TIERED], ids=["any", "tiered"])
@settings(deadline=None)
@given(data=st.data())
def test_the_parts_add_up_to_the_total_of_the_list_on_any_day(make_call, models, data):
    provider, model = data.draw(st.sampled_from(models))
    usage, at = data.draw(usages()), data.draw(DAYS)

    cost = BOOK.price(make_call(model, provider, usage=usage, at=at))

    if isinstance(cost, Unpriced):
        assert cost == Unpriced("unknown_model") or (cost == Unpriced("unknown_tool") and usage.web_search_requests)
        return
    assert listed_total(provider, model, usage, at) == cost.total
    assert min(cost.input, cost.cache_read, cost.cache_write, cost.output, cost.tools) >= 0


def test_nearly_every_chat_model_of_the_list_is_priced(make_call):
    usage = Usage(input_tokens=1000, output_tokens=100)

    costs = [
        BOOK.price(make_call(model, "openai", usage=usage)) for model in MODELS["openai"] if model.startswith("gpt")
    ]

    assert sum(isinstance(cost, Ledger) for cost in costs) >= 0.8 * len(costs)


def test_each_part_has_its_own_rate_and_writes_of_one_hour_theirs(make_call):
    usage = Usage(
        input_tokens=1_000_000,
        output_tokens=10_000,
        cache_read_tokens=500_000,
        cache_write_tokens=300_000,
        cache_write_5m_tokens=200_000,
        cache_write_1h_tokens=100_000,
    )

    assert BOOK.price(make_call("claude-sonnet-5", usage=usage)) == Ledger(
        input=Decimal("0.4"),
        cache_read=Decimal("0.1"),
        cache_write=Decimal("0.9"),
        output=Decimal("0.1"),
        currency="USD",
        source=SOURCE,
    )


def test_web_searches_are_billed_beside_the_tokens(make_call):
    tokens = Usage(input_tokens=1_000_000, output_tokens=10_000)

    without, searched = (
        BOOK.price(make_call("claude-sonnet-5", usage=replace(tokens, web_search_requests=searches)))
        for searches in (0, 5)
    )

    assert replace(without, tools=Decimal("0.05")) == searched


def test_searches_without_a_price_are_not_free(make_call):
    usage = Usage(input_tokens=1_000, output_tokens=10, web_search_requests=1)
    assert BOOK.price(make_call("llama-3.3-70b-versatile", "groq", usage=usage)) == Unpriced("unknown_tool")


def test_the_tier_is_chosen_by_the_whole_input_and_holds_for_every_part(make_call):
    usage = Usage(input_tokens=300_000, output_tokens=1_000, cache_read_tokens=299_000)

    cost = BOOK.price(make_call("claude-sonnet-4-5", usage=usage))

    assert (Decimal("0.006"), Decimal("0.1794"), Decimal("0.0225")) == (cost.input, cost.cache_read, cost.output)


def test_writes_known_only_by_lifetime_are_their_sum(make_call):
    split = Usage(input_tokens=1000, output_tokens=1, cache_write_5m_tokens=300, cache_write_1h_tokens=200)
    whole = Usage(input_tokens=1000, output_tokens=1, cache_write_tokens=500, cache_write_1h_tokens=200)

    assert BOOK.price(make_call(usage=whole)) == BOOK.price(make_call(usage=split))


def test_a_price_that_changed_is_taken_by_the_day_of_the_request(make_call):
    usage = Usage(input_tokens=250_000, output_tokens=0)
    before, after = datetime(2026, 3, 12, 23, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC)

    costs = [BOOK.price(make_call("claude-sonnet-4-6", usage=usage, at=at)) for at in (before, after)]

    assert [(Decimal("1.5"), None), (Decimal("0.75"), "2026-03-13")] == [
        (cost.input, cost.price_date) for cost in costs
    ]


@pytest.mark.parametrize(
    ("served", "asked", "expected"),
    [
        ("gpt-4o-2024-08-06", "gpt-4o-mini", "gpt-4o-2024-08-06"),
        ("snapshot-of-tomorrow", "gpt-4o-mini", "gpt-4o-mini"),
        (None, "gpt-4o-mini", "gpt-4o-mini"),
    ],
)
def test_the_model_that_answered_decides_and_the_one_asked_for_stands_in(make_call, served, asked, expected):
    usage = Usage(input_tokens=1000, output_tokens=1000)
    response = {} if served is None else {"model": served}

    cost = BOOK.price(make_call(asked, "openai", usage=usage, **response))

    assert BOOK.price(make_call(expected, "openai", usage=usage)) == cost
    assert isinstance(cost, Ledger)


@pytest.mark.parametrize("provider", ["127.0.0.1", "localhost", "llm.example.com", "OPENAI", ""])
def test_a_server_that_is_no_known_provider_has_no_price(make_call, provider):
    usage = Usage(input_tokens=1, output_tokens=1)

    assert BOOK.price(make_call("gpt-4o", provider, usage=usage)) == Unpriced("unknown_model")


@pytest.mark.parametrize("model", ["no-such-model", "", None, "gpt-4o" * 1000, "\x00", "模型"])
def test_a_model_that_the_list_does_not_know_is_unpriced(make_call, model):
    usage = Usage(input_tokens=1, output_tokens=1)

    assert BOOK.price(make_call(model, "openai", usage=usage)) == Unpriced("unknown_model")


def test_a_model_listed_without_a_price_is_unpriced_and_not_free(make_call):
    usage = Usage(input_tokens=1, output_tokens=1)

    assert BOOK.price(make_call("text-embedding-3-small", "openai", usage=usage)) == Unpriced("unknown_model")
    assert BOOK.price(make_call("gemma-3", "gcp.gemini", usage=usage)) == Unpriced("unknown_model")


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (None, "unknown_usage"),
        (Usage(), "unknown_usage"),
        (Usage(input_tokens=5), "unknown_usage"),
        (Usage(output_tokens=5), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=1, partial=True), "partial_usage"),
        (Usage(input_tokens=5, partial=True), "partial_usage"),
        (Usage(input_tokens=5, output_tokens=5, cache_read_tokens=6), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, cache_read_tokens=3, cache_write_tokens=3), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, cache_write_tokens=1, cache_write_1h_tokens=2), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, reasoning_tokens=6), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, input_audio_tokens=6), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, input_text_tokens=3, input_image_tokens=3), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=5, output_image_tokens=6), "unknown_usage"),
        (Usage(input_tokens=-5, output_tokens=5), "unknown_usage"),
        (Usage(input_tokens=5, output_tokens=-5), "unknown_usage"),
    ],
)
def test_counts_that_are_missing_cut_off_or_contradictory_are_not_billed(make_call, usage, reason):
    assert BOOK.price(make_call(usage=usage)) == Unpriced(reason)


def test_tokens_of_images_have_their_own_price_where_the_list_has_one(make_call):
    usage = Usage(input_tokens=1000, output_tokens=0, input_text_tokens=700, input_image_tokens=300)
    cost = BOOK.price(make_call("gpt-image-1", "openai", usage=usage))

    assert isinstance(cost, Ledger)
    assert cost.input == (700 * Decimal(5) + 300 * Decimal(10)) / 10**6


@pytest.mark.parametrize("usage", [Usage(100, 10, input_audio_tokens=50), Usage(100, 10, output_audio_tokens=5)])
def test_audio_is_not_billed_as_text_where_the_list_has_no_price_for_it(make_call, usage):
    assert BOOK.price(make_call("gpt-4o-audio-preview", "openai", usage=usage)) == Unpriced("unknown_modality")
    assert isinstance(BOOK.price(make_call("gpt-audio", "openai", usage=usage)), Ledger)
    assert isinstance(BOOK.price(make_call("gemini-2.5-pro", "gcp.gemini", usage=usage)), Ledger)


def test_cached_tokens_of_which_nobody_says_whether_they_were_images_are_not_guessed_at(make_call):
    usage = Usage(input_tokens=1000, output_tokens=0, cache_read_tokens=200, input_image_tokens=300)

    assert BOOK.price(make_call("gpt-image-1", "openai", usage=usage)) == Unpriced("price_error")


def test_no_tokens_cost_zero_which_is_not_unknown(make_call):
    cost = BOOK.price(make_call(usage=Usage(input_tokens=0, output_tokens=0)))

    assert isinstance(cost, Ledger)
    assert cost.total == 0


@pytest.mark.parametrize(
    ("provider", "model", "served", "context"),
    [
        ("openai", "gpt-4o", {"service_tier": "default"}, {}),
        ("openai", "gpt-4o", {"service_tier": "priority"}, {"service_tier": "priority"}),
        ("openai", "gpt-5", {"service_tier": "flex"}, {"service_tier": "flex"}),
        ("anthropic", "claude-sonnet-5", {"service_tier": "standard", "speed": "standard"}, {}),
        ("anthropic", "claude-sonnet-5", {"service_tier": "batch"}, {"processing": "batch"}),
        ("anthropic", "claude-opus-4-8", {"service_tier": "standard", "speed": "fast"}, {"speed": "fast"}),
        ("anthropic", "claude-sonnet-5", {"inference_geo": "not_available"}, {}),
        ("groq", "openai/gpt-oss-120b", {"service_tier": "on_demand"}, {}),
    ],
)
def test_a_service_tier_has_the_price_that_the_list_has_for_it(make_call, provider, model, served, context):
    usage = Usage(input_tokens=1000, output_tokens=1000, cache_read_tokens=100, cache_write_tokens=0)
    call = make_call(model, provider, usage=usage, **served)

    cost = BOOK.price(call)

    assert isinstance(cost, Ledger)
    asked = Usage(1000, 1000, 100, 0, cache_write_1h_tokens=0)
    at = datetime.fromtimestamp(call.timing.started_unix_ns / 1e9, UTC)
    assert listed_total(provider, model, asked, at, **context) == cost.total
    if context:
        assert listed_total(provider, model, asked, at) != cost.total


@pytest.mark.parametrize(
    ("provider", "model", "served"),
    [
        ("openai", "gpt-4o", {"service_tier": "scale"}),
        ("openai", "gpt-4o", {"service_tier": "tier-of-tomorrow"}),
        ("anthropic", "claude-sonnet-5", {"service_tier": "priority"}),
        ("anthropic", "claude-sonnet-4-5", {"speed": "fast"}),
        ("anthropic", "claude-opus-4-8", {"service_tier": "batch", "speed": "fast", "inference_geo": "us"}),
        ("anthropic", "claude-sonnet-5", {"inference_geo": "us"}),
        ("azure.ai.openai", "gpt-4o", {"service_tier": "priority"}),
        ("groq", "openai/gpt-oss-120b", {"service_tier": "flex"}),
    ],
)
def test_terms_that_the_list_has_no_price_for_are_unpriced(make_call, provider, model, served):
    usage = Usage(input_tokens=1000, output_tokens=1000)

    assert BOOK.price(make_call(model, provider, usage=usage, **served)) == Unpriced("unknown_tier")


def test_the_tier_asked_for_counts_where_the_answer_names_none(make_call):
    usage = Usage(input_tokens=1000, output_tokens=1000)
    asked = BOOK.price(make_call("gpt-4o", "openai", usage=usage, asked_tier="priority"))
    downgraded = BOOK.price(make_call("gpt-4o", "openai", usage=usage, asked_tier="priority", service_tier="default"))

    assert BOOK.price(make_call("gpt-4o", "openai", usage=usage, service_tier="priority")) == asked
    assert BOOK.price(make_call("gpt-4o", "openai", usage=usage)) == downgraded


def test_without_the_package_there_is_no_price_list(make_call, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "genai_prices"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "genai_prices", None)

    cost = PriceBook().price(make_call(usage=Usage(input_tokens=1, output_tokens=1)))

    assert cost == Unpriced("no_price_list")


def test_whatever_fails_inside_is_a_price_error_and_is_never_raised(make_call, caplog):
    caplog.set_level("DEBUG", logger="firsttoken.pricing")
    call = make_call(usage=Usage(input_tokens="many", output_tokens=object()))

    assert BOOK.price(call) == Unpriced("price_error")
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def test_a_list_that_was_updated_while_the_program_runs_is_followed(make_call, request):
    from genai_prices.data_snapshot import DataSnapshot, set_custom_snapshot

    request.addfinalizer(lambda: set_custom_snapshot(None))
    book, call = PriceBook(), make_call(usage=Usage(input_tokens=1, output_tokens=1))
    assert isinstance(book.price(call), Ledger)

    set_custom_snapshot(DataSnapshot(providers=[], from_auto_update=True))
    assert book.price(call) == Unpriced("unknown_model")

    set_custom_snapshot(None)
    assert isinstance(book.price(call), Ledger)
