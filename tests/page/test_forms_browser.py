"""Forms and the navigation in a real browser: what is wrong has the focus, what the data have is offered, and a phone
shows where one is and what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .looking import axe_violations, width_beyond
from .site import Site
from .visit import Visit, visiting

pytestmark = pytest.mark.system


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A window that may complain of nothing but that an answer was a refusal."""
    with visiting(browser) as visit:
        yield visit
        assert [each for each in visit.complaints if "status of 4" not in each] == []


def test_a_refused_form_is_open_at_its_mistake_and_can_be_mended_there(visit: Visit, shared_site: Site) -> None:
    page = visit.page
    page.goto(shared_site.url + "/?where.failed=true")
    page.get_by_text("Filter and group").click()
    page.get_by_label("at least").fill("soon")
    page.get_by_role("button", name="Apply").click()
    field = page.get_by_label("at least")
    expect(field).to_be_focused()
    expect(field).to_have_value("soon")
    expect(field).to_have_accessible_description(re.compile("is not a number"))
    assert axe_violations(page) == []
    assert width_beyond(page, 360) == 0
    field.fill("0.1")
    field.press("Enter")
    expect(page).to_have_url(shared_site.url + "/?where.failed=true&at_least.first_token=0.1")


def test_what_the_data_have_is_offered_where_two_values_are_compared(visit: Visit, shared_site: Site) -> None:
    page = visit.page
    page.goto(shared_site.url + "/compare")
    page.get_by_label("Two values of").focus()
    expect(page.locator('#names option[value="model"]')).to_be_attached()
    page.get_by_label("Two values of").fill("provider")
    page.get_by_label("A", exact=True).first.focus()
    expect(page.locator('#values-a option[value="openai"]')).to_be_attached()


def test_on_a_phone_the_entry_of_a_view_is_seen_and_there_are_signs_of_more(visit: Visit, shared_site: Site) -> None:
    page = visit.page
    places = page.locator(".places")
    page.set_viewport_size({"width": 360, "height": 740})
    for path, signs in (
        ("/", "places more-after"),
        ("/compare", "places more-before more-after"),
        ("/health", "places more-before"),
    ):
        page.goto(shared_site.url + path)
        expect(places).to_have_class(signs)
        expect(places.locator("[aria-current]")).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 1280, "height": 740})
    expect(places).to_have_class("places")


def test_a_comparison_on_a_phone_has_its_verdicts_in_view(visit: Visit, shared_site: Site) -> None:
    page = visit.page
    page.goto(shared_site.url + "/compare?a.model=gpt*&b.model=claude*")
    assert width_beyond(page, 360) == 0
    row = page.locator(".comparison tbody tr").first
    row.scroll_into_view_if_needed()
    expect(row.locator(".c-verdict")).to_be_in_viewport(ratio=1)
    expect(row.locator("th")).to_be_in_viewport(ratio=1)
    assert page.locator(".comparison tbody tr").evaluate_all(
        """(rows) => rows.every((row) => {
            const [a, b] = [...row.querySelectorAll("[data-label]")].map((cell) => cell.getBoundingClientRect());
            return a.bottom <= b.top;
        })"""
    ), "B stands below A, for there is no room beside it"
    assert axe_violations(page) == []
