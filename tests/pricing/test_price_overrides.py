"""Prices of the user's own file: which entry decides, what it gives, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from firsttoken.call import Ledger, Unpriced, Usage
from firsttoken.errors import SettingsError
from firsttoken.pricing import PriceBook

USAGE = Usage(
    input_tokens=1_000_000,
    output_tokens=100_000,
    cache_read_tokens=400_000,
    cache_write_tokens=300_000,
    cache_write_1h_tokens=100_000,
)
OWN = '[[price]]\nmodel = "{model}"\ninput = {input}\noutput = 1\n'


def test_every_part_has_its_own_price_and_the_ledger_names_the_file(make_call, price_file):
    path = price_file(
        """
        [[price]]
        provider = "OpenAI"
        model = "Gpt-Own"
        from = 2026-11-01
        currency = "eur"
        input = "2.50"
        cache_read = 0.1
        cache_write = 3
        cache_write_1h = "5"
        output = 10.0
        """
    )

    assert PriceBook.load(path).price(make_call("gpt-OWN", "openai", usage=USAGE)) == Ledger(
        input=Decimal("0.75"),
        cache_read=Decimal("0.04"),
        cache_write=Decimal("1.1"),
        output=Decimal("1"),
        currency="EUR",
        source="override prices.toml",
        price_date="2026-11-01",
    )


@pytest.mark.parametrize(("expected", "rate"), [(Decimal("0.03"), "web_search = 10"), (Decimal(0), "web_search = 0")])
def test_web_searches_have_a_price_of_their_own(make_call, price_file, expected, rate):
    path = price_file(OWN.format(model="own", input=1) + rate)
    usage = Usage(input_tokens=10, output_tokens=1, web_search_requests=3)

    assert expected == PriceBook.load(path).price(make_call("own", usage=usage)).tools


def test_web_searches_without_a_price_leave_the_call_unpriced(make_call, price_file):
    book = PriceBook.load(price_file(OWN.format(model="own", input=1)))

    costs = [
        book.price(make_call("own", usage=Usage(input_tokens=10, output_tokens=1, web_search_requests=searches)))
        for searches in (None, 0, 1)
    ]

    assert [Ledger, Ledger, Unpriced] == [type(cost) for cost in costs]
    assert Unpriced("unknown_tool") == costs[-1]


def test_prices_that_are_left_out_fall_back_on_the_input_price(make_call, price_file):
    path = price_file('[[price]]\nmodel = "own"\ninput = 2\noutput = 0')

    cost = PriceBook.load(path).price(make_call("own", "127.0.0.1", usage=USAGE))

    assert (Decimal("0.6"), Decimal("0.8"), Decimal("0.6"), 0) == (
        cost.input,
        cost.cache_read,
        cost.cache_write,
        cost.output,
    )


def test_a_fraction_is_exact_and_never_a_binary_float(make_call, price_file):
    path = price_file('[[price]]\nmodel = "own"\ninput = 0.000000001\noutput = 0.3')
    usage = Usage(input_tokens=1, output_tokens=3)

    cost = PriceBook.load(path).price(make_call("own", usage=usage))

    assert Decimal("0.000000900000001") == cost.total


def test_an_override_goes_before_the_list_and_everything_else_stays_with_the_list(make_call, price_file):
    book = PriceBook.load(price_file(OWN.format(model="gpt-4o", input=7)))
    usage = Usage(input_tokens=10, output_tokens=10)

    sources = [book.price(make_call(model, "openai", usage=usage)).source for model in ("gpt-4o", "gpt-4o-mini")]

    assert sources[0] == "override prices.toml"
    assert sources[1].startswith("genai-prices ")


@pytest.mark.parametrize(
    ("entries", "model", "expected"),
    [
        ([("*", 1), ("own", 2)], "own", 2),
        ([("own", 2), ("*", 1)], "own", 1),
        ([("own-*", 1), ("own-?", 2)], "own-7b", 1),
        ([("own-[78]b", 1)], "own-7b", 1),
        ([("*/own:free", 1)], "vendor/own:free", 1),
    ],
)
def test_the_last_entry_that_matches_decides(make_call, price_file, entries, model, expected):
    book = PriceBook.load(price_file("".join(OWN.format(model=name, input=price) for name, price in entries)))

    assert expected == book.price(make_call(model, usage=Usage(1_000_000, 0))).input


def test_a_deployment_name_is_found_though_the_answer_names_another_model(make_call, price_file):
    book = PriceBook.load(price_file(OWN.format(model="my-deployment", input=3)))
    call = make_call("my-deployment", "azure.ai.openai", usage=Usage(1_000_000, 0))

    assert book.price(call).input == 3


@pytest.mark.parametrize(
    ("condition", "provider", "matches"),
    [
        ('provider = "groq"', "groq", True),
        ('provider = "groq"', "openai", False),
        ("from = 2026-11-23", "openai", False),
        ("from = 2026-11-22", "openai", True),
        ('from = "2026-11-22"', "openai", True),
    ],
)
def test_an_entry_holds_for_its_provider_and_from_its_day_on(make_call, price_file, condition, provider, matches):
    book = PriceBook.load(price_file(OWN.format(model="own", input=1) + condition))
    last_second = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)

    cost = book.price(make_call("own", provider, usage=Usage(10, 10), at=last_second))

    assert matches == isinstance(cost, Ledger)


def test_an_entry_without_a_tier_is_for_the_standard_service_only(make_call, price_file):
    book = PriceBook.load(
        price_file(OWN.format(model="own", input=1) + OWN.format(model="own", input=9) + 'tier = "priority"')
    )
    usage = Usage(1_000_000, 0)

    costs = {
        tier: book.price(make_call("own", "openai", usage=usage, service_tier=tier))
        for tier in ("default", "priority", "flex")
    }

    assert (1, 9, Unpriced("unknown_model")) == (costs["default"].input, costs["priority"].input, costs["flex"])


@pytest.mark.parametrize(
    ("scope", "matches"),
    [
        ('deployment = "prod-*"', True),
        ('deployment = "PROD-chat"', True),
        ('deployment = "gpt-4o*"', False),
        ('model = "gpt-4o*"', True),
        ('model = "prod-chat"', True),
        ('model = "gpt-4o*"\ndeployment = "prod-*"', True),
        ('model = "gpt-4o*"\ndeployment = "test-*"', False),
        ('server = "*.openai.azure.com"', True),
        ('server = "east.openai.azure.com"', True),
        ('server = "west.openai.azure.com"', False),
        ('provider = "azure.*"', True),
        ('provider = "openai"', False),
    ],
)
def test_an_entry_is_about_a_model_a_deployment_a_server_or_a_provider(make_call, price_file, scope, matches):
    book = PriceBook.load(price_file(f"[[price]]\n{scope}\ninput = 7\noutput = 7"))
    call = make_call("Prod-Chat", "azure.ai.openai", usage=Usage(1_000_000, 0), model="gpt-4o-2024-08-06")
    call = replace(call, request=replace(call.request, server_address="East.openai.azure.com"))

    assert matches == (book.price(call).input == 7)


def test_a_server_that_is_not_known_is_no_server_of_an_entry(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nserver = "*"\ninput = 7\noutput = 7'))
    assert book.price(make_call("own", usage=Usage(1, 1))) == Unpriced("unknown_model")


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ("until = 2026-11-21", False),
        ("until = 2026-11-22", True),
        ("from = 2026-11-22\nuntil = 2026-11-22", True),
        ("input_above = 1000", False),
        ("input_above = 999", True),
    ],
)
def test_an_entry_holds_to_its_last_day_and_above_its_size_of_input(make_call, price_file, condition, matches):
    book = PriceBook.load(price_file(OWN.format(model="own", input=1) + condition))
    last_second = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)

    assert matches == isinstance(book.price(make_call("own", usage=Usage(1000, 10), at=last_second)), Ledger)


def test_a_discount_is_on_every_price_of_the_list(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nprovider = "anthropic"\ndiscount = 0.125'))
    usage = replace(USAGE, web_search_requests=3)
    listed, paid = (each.price(make_call(usage=usage)) for each in (PriceBook(), book))

    assert [part * Decimal("0.875") for part in listed.parts] == list(paid.parts)
    assert f"override prices.toml, {listed.source}" == paid.source


def test_a_discount_on_what_the_list_does_not_know_is_no_price(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nmodel = "*"\ndiscount = 0.2'))
    assert book.price(make_call("no-such-model", usage=USAGE)) == Unpriced("unknown_model")


def test_a_discount_for_a_batch_is_on_the_price_of_a_batch(make_call, price_file):
    text = (
        '[[price]]\nmodel = "claude-*"\ndiscount = 0.1\n[[price]]\nmodel = "claude-*"\ntier = "batch"\ndiscount = 0.2'
    )
    book = PriceBook.load(price_file(text))
    usage = Usage(100_000, 0)

    costs = [book.price(make_call(usage=usage, service_tier=tier)).input for tier in ("standard", "batch")]

    assert [Decimal("0.18"), Decimal("0.08")] == costs


def test_counts_that_are_not_whole_stay_unpriced_with_an_override_too(make_call, price_file):
    book = PriceBook.load(price_file(OWN.format(model="own", input=1)))

    assert book.price(make_call("own", usage=Usage(5, 5, partial=True))) == Unpriced("partial_usage")


def test_no_file_means_no_overrides(make_call):
    assert isinstance(PriceBook.load(None).price(make_call(usage=Usage(1, 1))), Ledger)


DISCOUNT = '[[price]]\nmodel = "own"\ndiscount = '
ENTRY = '[[price]]\nmodel = "own"\ninput = 1\noutput = 2\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [[price]] entry: add one with model, input and output, or unset FIRSTTOKEN_PRICES"),
        ("price = []", "no [[price]] entry"),
        ("price = 5", "no [[price]] entry"),
        ("price = [5]", "[[price]] number 1 is not a table"),
        ("[price]\nmodel = 'x'", "no [[price]] entry"),
        ("[[prices]]\nmodel = 'x'", "unknown key 'prices': start each price with a line [[price]]"),
        ("[[price]]\ninput = 1\noutput = 1", "[[price]] number 1 has no model"),
        ("[[price]]\nmodel = 'x'\noutput = 1", "[[price]] number 1 has no input"),
        ("[[price]]\nmodel = 'x'\ninput = 1", "[[price]] number 1 has no output"),
        (ENTRY + ENTRY + "inptu = 1", "[[price]] number 2 has an unknown key 'inptu': use only model, deployment"),
        (ENTRY + "cache_read = 'free'", "[[price]] number 1 has cache_read = free: give the price"),
        (ENTRY + "cache_read = -1", "has cache_read = -1"),
        (ENTRY + "cache_read = inf", "has cache_read = Infinity"),
        (ENTRY + "cache_read = nan", "has cache_read = NaN"),
        (ENTRY + "cache_read = true", "has cache_read = True"),
        (ENTRY + "cache_read = 1e30", "has cache_read = 1E+30"),
        (ENTRY + "cache_read = 1e-30", "has cache_read = 1E-30"),
        (ENTRY + "cache_read = [1]", "has cache_read = [1]"),
        (ENTRY + "cache_read = ''", "has cache_read = :"),
        (ENTRY + "provider = 5", "has provider = 5: give it as text in quotes"),
        (ENTRY + "provider = ' '", "has provider = ' '"),
        (ENTRY + "currency = 'dollars'", "has currency = 'DOLLARS': give a code of three letters"),
        (ENTRY + "from = 'yesterday'", "has from = yesterday: give the first day of the price"),
        (ENTRY + "from = 2026-11-01T00:00:00", "has from = 2026-11-01 00:00:00"),
        (ENTRY + "from = 7", "has from = 7"),
        (ENTRY + "until = 'never'", "has until = never: give the last day of the price"),
        (ENTRY + "from = 2026-11-02\nuntil = 2026-11-01", "ends on 2026-11-01, before it begins on 2026-11-02"),
        (ENTRY + "input_above = 1.5", "has input_above = 1.5: give a whole number of input tokens"),
        (ENTRY + "input_above = true", "has input_above = True"),
        (ENTRY + "input_above = -1", "has input_above = -1"),
        (ENTRY + "discount = 0.2", "has a discount and input: keep one of them"),
        (DISCOUNT + "0.2\ncurrency = 'EUR'", "has a discount and currency"),
        (DISCOUNT + "20", "has discount = 20: give the part that is not paid, from 0 to 1"),
        (DISCOUNT + "-0.1", "has discount = -0.1"),
        (DISCOUNT + "0.33333", "has discount = 0.33333"),
        (DISCOUNT + "true", "has discount = True"),
        (DISCOUNT + "'20%'", "has discount = 20%"),
        ("[[price]]\ntier = 'flex'\ndiscount = 0.1", "has no model, deployment, server or provider: add model"),
        ("[[price]]\nmodel = own", "not valid TOML: Invalid value (at line 2, column 9): correct that line"),
        (ENTRY + "input = 2", "not valid TOML: Cannot overwrite a value"),
        ("x = " + "[" * 20_000, "not a TOML file of prices"),
        ("x = " + "9" * 5_000, "not a TOML file of prices"),
    ],
)
def test_a_bad_file_is_refused_in_one_line_with_the_entry_and_what_to_do(price_file, text, said):
    path = price_file(text)

    with pytest.raises(SettingsError) as refused:
        PriceBook.load(path)

    message = str(refused.value)
    assert message.startswith(f"price file {path}: ")
    assert said in message
    assert "\n" not in message


def test_a_file_that_is_missing_a_folder_or_binary_is_refused(tmp_path):
    binary = tmp_path / "binary.toml"
    binary.write_bytes(os.urandom(64) + b"\xff\xfe")

    for path, said in [
        (tmp_path / "missing.toml", "No such file"),
        (tmp_path, "directory"),
        (binary, "not a TOML file"),
    ]:
        with pytest.raises(SettingsError, match=said):
            PriceBook.load(path)


def test_the_example_in_the_documentation_works(make_call, price_file):
    text = (Path(__file__).parents[2] / "docs" / "prices.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    book = PriceBook.load(price_file(example))

    cost = book.price(make_call("qwen3-32b-instruct", "llm.example.com", usage=Usage(1_000_000, 1_000_000)))

    assert cost.source == "override prices.toml"
