"""What calls would have cost otherwise: the form, exact sums, and what cannot be known."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from firsttoken.call import Usage
from firsttoken.store import Store

from .site import Site, running_site
from .spenders import a_call, calls_at, links, shown, words

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
MUCH = Usage(input_tokens=100_000, output_tokens=0)
PAID = [replace(a_call(number, model="gpt-4o", cost="0.25"), usage=MUCH) for number in (1, 2)]
UNPRICED = a_call(3, model="llama-local", cost=None)


@pytest.fixture(scope="module")
def priced(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        site.add(*PAID, UNPRICED)
        yield site


def test_another_model_is_held_against_what_was_paid(priced: Site) -> None:
    page = shown(priced.get("/what-if?to=gpt-4o-mini"))
    assert "gpt-4o 2 $0.500 $0.0300 \N{MINUS SIGN}$0.470 6.0 % 0" in page
    assert "$0.500 $2.00 +$1.50 400.0 %" in shown(priced.get("/what-if?to=gpt-4-turbo"))
    assert "Taken for granted of 2 calls: the other model would have answered as long" in page


def test_what_cannot_be_known_is_said_and_left_out(priced: Site) -> None:
    page = shown(priced.get("/what-if?to=gpt-4o-mini"))
    assert "Cannot be known of 1 call, left out on both sides" in page


def test_several_models_stand_one_below_the_other(priced: Site) -> None:
    page = shown(priced.get("/what-if?to=gpt-4o-mini,%20no-such-model"))
    assert "gpt-4o 2 $0.500 $0.0300" in page
    assert "no price for that model at that provider" in page


def test_a_model_of_another_provider_is_named_above_the_table(priced: Site) -> None:
    page = priced.get("/what-if?to=claude-haiku-4-5,gpt-4o-mini&batch=yes").text
    before, _, after = page.partition("Would have been")
    assert "Not compared: 3 calls of providers that have no claude-haiku-4-5." in words(before)
    (address,) = links(page, "anthropic/claude-haiku-4-5")
    assert dict(parse_qsl(urlsplit(address).query)) == {"to": "anthropic/claude-haiku-4-5, gpt-4o-mini", "batch": "yes"}
    assert "gpt-4o 2 $0.500" in shown(priced.get(address))
    assert "no price for that model at that provider" not in after.partition("gpt-4o-mini")[0]


def test_a_row_leads_to_its_calls(priced: Site) -> None:
    (address,) = links(priced.get("/what-if?to=gpt-4o-mini").text, "gpt-4o")
    assert len(calls_at(priced, address)) == 2


def test_what_would_be_otherwise_outlasts_the_choice_of_calls(priced: Site) -> None:
    page = priced.get("/what-if?to=gpt-4o-mini&batch=yes").text
    form = page.partition('<form class="narrow"')[2].partition("</form>")[0]
    fields = {html.unescape(name): html.unescape(value) for name, value in HIDDEN.findall(form)}
    answer = priced.get(f"/find?{urlencode({**fields, 'name': 'model', 'value': 'gpt-4o'})}")
    assert answer.status == 303
    asked = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert {name: asked.get(name) for name in ("to", "batch", "model")} == {
        "to": "gpt-4o-mini",
        "batch": "yes",
        "model": "gpt-4o",
    }


def test_nothing_is_priced_before_it_is_asked_for(priced: Site) -> None:
    page = priced.get("/what-if?where.feature=x").text
    assert "Would have been" not in page
    assert '<input type="hidden" name="where.feature" value="x">' in page


def test_many_calls_are_priced_when_it_is_said_twice(priced: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firsttoken.page.views.what_if.FEW", 2)
    page = priced.get("/what-if?to=gpt-4o-mini").text
    assert "Would have been" not in page
    (address,) = links(page, "do it all the same")
    assert "gpt-4o 2 $0.500 $0.0300" in shown(priced.get(address))


def test_an_empty_store_says_how_to_fill_it(site: Site) -> None:
    assert "firsttoken run -- python app.py" in shown(site.get("/what-if?to=x"))


@pytest.mark.parametrize(
    ("says", "path"),
    [
        ("tier and batch exclude each other", "?tier=flex&batch=yes"),
        ("batch must be yes", "?batch=1"),
        ("to names more than 6 models", "?to=a,b,c,d,e,f,g"),
        ("there is no parameter 'model_to' here", "?model_to=x"),
    ],
)
def test_what_cannot_be_asked_is_said(priced: Site, says: str, path: str) -> None:
    answer = priced.get(f"/what-if{path}")
    assert (answer.status, says in words(answer.text)) == (400, True)


def test_what_cannot_be_asked_stands_in_the_form_with_what_is_wrong(priced: Site) -> None:
    answer = priced.get("/what-if?to=gpt-4o&tier=flex&batch=yes&search=x", {"accept": "text/html"})
    assert answer.status == 400
    assert 'name="to" value="gpt-4o" placeholder' in answer.text
    assert 'name="tier" value="flex" aria-invalid="true"' in answer.text
    assert 'name="batch" value="yes" checked aria-invalid="true"' in answer.text
    assert "tier and batch exclude each other" in words(answer.text)
    assert "Would have been" not in words(answer.text)
