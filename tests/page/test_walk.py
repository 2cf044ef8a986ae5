"""Who has never seen the page finds what was slow and who was dear from the overview, by clicking alone."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from a_day import Day
from chromium import running_chromium
from playwright.sync_api import Browser, expect
from screenshot import costliest_user, largest_gap

from firsttoken.analyse import recent_calls
from firsttoken.analyse.asking import answered
from firsttoken.analyse.costs import COST, CostOptions
from firsttoken.page import figures
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

from .site import Site
from .visit import visiting

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def day() -> Iterator[Site]:
    """A day of an application, as it was received."""
    with Store.open(None) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=0)) as server:
        Day(str(server.ports.http_endpoint), time.time_ns()).send()
        yield Site(str(server.ports.page_url).rstrip("/"), store)


def test_from_the_overview_one_click_leads_to_the_words_after_the_slowest_gap(day: Site, browser: Browser) -> None:
    slowest = max(recent_calls(day.store, limit=10_000), key=lambda row: row.call.timing.largest_gap_ns or 0)
    with visiting(browser) as visit:
        visit.page.goto(f"{day.url}/overview")
        largest_gap(visit.page).click()
        visit.page.wait_for_url(f"**/calls/{slowest.trace_id}/{slowest.span_id}*")
        shown = visit.page.locator("#timeline .gap-words").first
        expect(shown).to_contain_text(figures.duration_ns(slowest.call.timing.largest_gap_ns))
        assert visit.complaints == []


def test_from_the_overview_one_click_leads_to_the_calls_of_the_costliest_user(day: Site, browser: Browser) -> None:
    spent = answered(COST, day.store, CostOptions(group_by=("user",))).rows
    (user,) = max(spent, key=lambda row: row.cost_total or 0).group
    calls = sum(row.calls for row in spent if row.group == (user,))
    with visiting(browser) as visit:
        visit.page.goto(f"{day.url}/overview")
        link = costliest_user(visit.page)
        expect(link).to_have_text(str(user))
        link.click()
        expect(visit.page).to_have_url(re.compile(rf"/\?.*={user}"))
        expect(visit.page.get_by_role("definition").first).to_have_text(f"{calls:,}")
        assert visit.complaints == []
