"""A trace in a real browser: its tree by keyboard, what leaves a view as a file, and a large one that stays fluent."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator

import pytest
from analyse.test_tracing import TRACE_ID, span
from patience import is_done_within
from playwright.sync_api import Browser, expect

from firsttoken.store import Store

from .samples import STREAMED, later
from .site import Site, running_site
from .test_traces import agent, keep
from .visit import Visit, visiting

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def traced(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        keep(store, *agent())
        yield site


@pytest.fixture
def visit(browser: Browser, traced: Site) -> Iterator[Visit]:
    with visiting(browser) as visit:
        yield visit
        assert visit.complaints == []
        assert visit.hosts <= {traced.host}


def test_a_tree_is_walked_folded_and_opened_by_keyboard_alone(visit: Visit, traced: Site) -> None:
    page = visit.page
    page.goto(f"{traced.url}/traces")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="invoke_agent planner")).to_be_focused()
    page.keyboard.press("Enter")
    shown = page.locator("#tree tbody tr:visible")
    focused = page.locator("#tree tr:focus")
    expect(shown).to_have_count(5)
    expect(page.locator('#tree tr[tabindex="0"]')).to_have_count(1)
    page.keyboard.press("j")
    expect(focused).to_have_attribute("aria-level", "1")
    for key, level in (("ArrowRight", "2"), ("ArrowDown", "2"), ("ArrowDown", "3"), ("ArrowLeft", "2")):
        page.keyboard.press(key)
        expect(focused).to_have_attribute("aria-level", level)
    page.keyboard.press("ArrowLeft")
    expect(focused).to_have_attribute("aria-expanded", "false")
    expect(shown).to_have_count(4)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(shown).to_have_count(1)
    page.keyboard.press("ArrowRight")
    expect(shown).to_have_count(4)
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{traced.url}/traces/{TRACE_ID}/{5:016x}")
    expect(page.locator("tr[aria-current]")).to_have_count(1)


def test_branches_fold_by_mouse_one_and_all(visit: Visit, traced: Site) -> None:
    page = visit.page
    page.goto(f"{traced.url}/traces/{TRACE_ID}")
    shown = page.locator("#tree tbody tr:visible")
    page.locator(".t-fold").first.click()
    expect(shown).to_have_count(1)
    page.locator(".t-fold").first.click()
    expect(shown).to_have_count(5)
    page.get_by_role("button", name="Fold all").click()
    expect(shown).to_have_count(4)
    page.get_by_role("button", name="Unfold all").click()
    expect(shown).to_have_count(5)


@pytest.mark.parametrize("width", [1280, 900, 360])
def test_a_span_that_lies_deep_has_room_for_its_name(visit: Visit, site: Site, width: int) -> None:
    keep(site.store, *(span(number, number - 1 or None, number, 100, name="x" * 99) for number in range(1, 31)))
    page = visit.page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site.url}/traces/{TRACE_ID}")
    title = page.locator("#tree .t-title").last
    title.scroll_into_view_if_needed()
    assert title.evaluate("each => each.clientWidth") > 100
    visit.hosts.discard(site.host)


def test_a_branch_is_seen_alone_by_a_key_and_by_its_bar(visit: Visit, traced: Site) -> None:
    page = visit.page
    page.goto(f"{traced.url}/traces/{TRACE_ID}")
    for key in ("j", "j", "j", "b"):
        page.keyboard.press(key)
    branch = f"{traced.url}/traces/{TRACE_ID}?below={3:016x}"
    expect(page).to_have_url(branch)
    expect(page.locator("#tree tbody tr")).to_have_count(2)
    page.get_by_role("link", name="whole trace").click()
    page.locator(".t-zoom").click()
    expect(page).to_have_url(branch)


def test_the_rows_of_a_trace_are_saved_by_clicking(visit: Visit, traced: Site) -> None:
    page = visit.page
    page.goto(f"{traced.url}/traces/{TRACE_ID}")
    page.get_by_text("Export").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").click()
    assert saved.value.suggested_filename.startswith("firsttoken-trace-")
    rows = list(csv.DictReader(saved.value.path().read_text().splitlines()))
    assert [row["depth"] for row in rows] == ["0", "1", "1", "2", "1"]


def test_a_large_trace_folds_at_once(visit: Visit, site: Site) -> None:
    keep(
        site.store, span(1, None, 0, 10_000), *(span(number, number // 2, number, 9_999) for number in range(2, 3_000))
    )
    page = visit.page

    def opened_and_folded_after_s() -> float:
        began = time.monotonic()
        page.goto(f"{site.url}/traces/{TRACE_ID}")
        page.get_by_role("button", name="Fold all").click()
        expect(page.locator("#tree tbody tr:visible")).to_have_count(3)
        return time.monotonic() - began

    assert is_done_within(3, opened_and_folded_after_s)
    visit.hosts.discard(site.host)


def test_a_chart_is_saved_as_a_picture(visit: Visit, site: Site) -> None:
    site.add(STREAMED, later(STREAMED, 10**9))
    page = visit.page
    page.goto(f"{site.url}/overview")
    expect(page.locator("#first-token svg").first).to_be_visible()
    page.get_by_text("Export").click()
    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG of “Time to first token”", exact=True).click()
    assert picture.value.suggested_filename == "firsttoken-first-token.png"
    assert picture.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    visit.hosts.discard(site.host)
