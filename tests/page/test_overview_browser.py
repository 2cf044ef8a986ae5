"""The overview in a real browser: every mark, its table and the keyboard lead to exactly the calls behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from chromium import running_chromium
from patience import PATIENCE_S
from playwright.sync_api import Browser, expect

from firsttoken.store import Store

from .site import Site, ids, running_site
from .spenders import SPENDERS, a_call
from .visit import Visit, visiting

pytestmark = pytest.mark.system

expect.set_options(timeout=PATIENCE_S * 1000)

CALLS = (
    *SPENDERS,
    *(a_call(number, first_token_ms=3_000 + number, hours=1) for number in (1, 2)),
    a_call(3, model="zephyr", failed=True, hours=1),
)
GAP = SPENDERS[1]
DRAWN = "[data-drawn]"
LEGEND = """chart => {
  const labels = document.querySelectorAll(`#${chart} .role-legend-label text`);
  const symbols = document.querySelectorAll(`#${chart} .role-legend-symbol path`);
  return [...labels].map((label, place) => [label.textContent, symbols[place].getAttribute("fill")]);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def seen(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        site.add(*CALLS)
        yield site


@pytest.fixture
def visit(browser: Browser, seen: Site) -> Iterator[Visit]:
    with visiting(browser) as visit:
        visit.page.goto(seen.url + "/overview")
        expect(visit.page.locator(DRAWN)).to_have_count(6)
        yield visit
        assert visit.complaints == []
        assert visit.hosts <= {seen.host}


@pytest.mark.parametrize("chart", ["heatmap", "tokens", "errors"])
def test_a_click_on_a_mark_shows_as_many_calls_as_it_says(visit: Visit, chart: str) -> None:
    mark = visit.page.locator(f"#{chart} .mark-rect.role-mark path").first
    mark.hover()
    said = visit.page.locator("#vg-tooltip-element tr", has_text="1 error" if chart == "errors" else "calls")
    count = re.search(r"\d+", said.first.inner_text())
    assert count is not None
    mark.click()
    expect(visit.page.locator("#calls [data-key]")).to_have_count(int(count[0]))


def test_a_model_has_the_same_colour_in_every_chart(visit: Visit) -> None:
    tokens, errors = (dict(visit.page.evaluate(LEGEND, chart)) for chart in ("tokens", "errors"))
    assert len(set(tokens.values())) == len(tokens) > len(errors) > 0
    assert errors == {name: tokens[name] for name in errors}


def test_the_table_of_a_chart_leads_there_by_keyboard(visit: Visit) -> None:
    summary = visit.page.locator("[data-table=heatmap] summary")
    summary.focus()
    visit.page.keyboard.press("Enter")
    link = visit.page.locator("[data-table=heatmap] a", has_text="2 calls")
    expect(link).to_have_count(1)
    link.focus()
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#calls [data-key]")).to_have_count(2)


def test_the_largest_gap_and_the_costliest_user_are_one_click_away(visit: Visit) -> None:
    visit.page.locator(".standing a", has_text="7.00").first.click()
    expect(visit.page).to_have_url(re.compile(f"/calls/{'/'.join(ids(GAP))}#largest-gap$"))
    visit.page.go_back()
    visit.page.locator(".headline a", has_text="ann").click()
    expect(visit.page.locator("#calls [data-key]")).to_have_count(2)


def test_the_charts_take_the_colours_of_a_dark_page_and_fit_a_phone(visit: Visit) -> None:
    cell = visit.page.locator("#heatmap .mark-rect.role-mark path").first
    light = cell.get_attribute("fill")
    visit.page.emulate_media(color_scheme="dark")
    expect(cell).not_to_have_attribute("fill", str(light))
    visit.page.set_viewport_size({"width": 360, "height": 780})
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
