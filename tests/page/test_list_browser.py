"""The list in a real browser: any length can be scrolled, live calls do not move what is read, and keys reach all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from patience import PATIENCE_S, until
from playwright.sync_api import Browser, Locator, Page, expect

from firsttoken.call import Call, CallContext
from firsttoken.store import Store

from .samples import MS, NOON_NS, RATE_LIMITED, STREAMED, WHOLE, later
from .signs import begun, say, sign
from .site import Site, ids, running_site
from .visit import Visit, visiting

pytestmark = pytest.mark.system

expect.set_options(timeout=PATIENCE_S * 1000)

MANY = 6_000
AMID = MANY // 2 - 5
"""A call that is in view once half of the list is scrolled. One above may have come with other rows."""
STEP_NS = 1000 * MS


@pytest.fixture(scope="module")
def many(cache_of_these_tests: None) -> Iterator[Site]:
    """A server with many thousand calls, a second apart, which no test adds to."""
    with Store.open(None) as store, running_site(store) as site:
        site.add(*(call_at(number) for number in range(MANY)))
        yield site


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A window that must not complain."""
    with visiting(browser) as visit:
        visit.page.set_viewport_size({"width": 1280, "height": 800})
        yield visit
        assert visit.complaints == []


def call_at(number: int) -> Call:
    """The call of this number, the oldest first."""
    kind = RATE_LIMITED if number % 10 == 3 else STREAMED
    context = CallContext(user_id=("ada", "bo", "chen")[number % 3])
    timing = replace(kind.timing, started_unix_ns=NOON_NS + number * STEP_NS)
    return replace(kind, request=replace(kind.request, context=context), timing=timing)


def path_of(number: int) -> str:
    return "/calls/" + "/".join(ids(call_at(number)))


def row(page: Page, number: int) -> Locator:
    return page.locator(f'#calls tr[data-key="{"/".join(ids(call_at(number)))}"]')


def scroll(page: Page, share: float) -> None:
    page.locator("#list").evaluate("(list, share) => { list.scrollTop = share * list.scrollHeight; }", share)


def in_view(page: Page) -> list[int]:
    """The numbers of the rows that a reader sees, counted from the newest."""
    return page.locator("#calls tr").evaluate_all(
        """(rows) => {
            const list = document.getElementById("list").getBoundingClientRect();
            return rows.filter((row) => {
              const box = row.getBoundingClientRect();
              return box.top >= list.top && box.bottom <= list.bottom;
            }).map((row) => Number(row.getAttribute("aria-rowindex")) - 2);
        }"""
    )


def test_a_list_of_any_length_is_scrolled_with_few_rows_in_the_document(visit: Visit, many: Site) -> None:
    page = visit.page
    page.goto(many.url)
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
    scroll(page, 0.5)
    expect(row(page, AMID)).to_be_visible()
    seen = in_view(page)
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert abs(seen[0] - MANY / 2) < 20
    assert page.locator("#calls tr").count() < 80
    scroll(page, 1)
    expect(row(page, 0)).to_be_visible()
    assert in_view(page)[-1] == MANY - 1
    page.keyboard.press("Home")
    expect(row(page, MANY - 1)).to_be_visible()


def test_back_from_a_call_and_a_link_to_a_place_lead_to_the_same_rows(
    visit: Visit, many: Site, browser: Browser
) -> None:
    page = visit.page
    page.goto(many.url)
    scroll(page, 0.5)
    expect(row(page, AMID)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?before=\d+-[0-9a-f]{48}$"))
    place, seen = page.url, in_view(page)
    opened = row(page, MANY - 1 - seen[3])
    opened.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("gpt-5.1"))
    page.go_back()
    expect(opened.locator("a")).to_be_focused()
    assert in_view(page)[:5] == seen[:5]
    with visiting(browser) as other:
        other.page.set_viewport_size({"width": 1280, "height": 800})
        other.page.goto(place)
        expect(row(other.page, MANY - 1 - seen[0])).to_be_visible()
        expect(other.page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
        assert in_view(other.page)[:5] == seen[:5]
        scroll(other.page, 0)
        expect(row(other.page, MANY - 1)).to_be_visible()


def test_a_list_higher_than_an_element_can_be_shows_every_row(visit: Visit, many: Site) -> None:
    page = visit.page
    page.route(
        "**/static/scroller.js",
        lambda route: route.fulfill(
            content_type="text/javascript",
            body=re.sub(r"HIGHEST_PX = [\d_]+", "HIGHEST_PX = 20_000", route.fetch().text()),
        ),
    )
    page.goto(many.url)
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
    scroll(page, 1)
    expect(row(page, 0)).to_be_visible()
    page.locator("#list").hover()
    page.mouse.wheel(0, -410)
    until(lambda: MANY - 1 - max(in_view(page), default=0) in range(8, 12))
    seen = in_view(page)
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    scroll(page, 0)
    expect(row(page, MANY - 1)).to_be_visible()
    assert in_view(page)[0] == 0


def test_calls_that_arrive_do_not_move_what_is_read_and_can_be_jumped_to(visit: Visit, site: Site) -> None:
    page = visit.page
    site.add(*(call_at(number) for number in range(300)))
    page.goto(site.url)
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", "301")
    scroll(page, 0.5)
    expect(row(page, 150)).to_be_visible()
    place = row(page, 150).bounding_box()
    site.add(*(call_at(number) for number in range(300, 312)))
    newer = page.get_by_role("button", name="12 new calls")
    expect(newer).to_be_visible()
    assert row(page, 150).bounding_box() == place
    page.locator("#list").hover()
    page.mouse.wheel(0, 2500)
    until(lambda: next(iter(in_view(page)), 0) > 200)
    seen = in_view(page)
    shown = page.locator("#calls tr").evaluate_all("rows => rows.map((row) => row.dataset.key)")
    assert len(set(shown)) == len(shown)
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    newer.click()
    expect(row(page, 311)).to_be_visible()
    expect(newer).to_be_hidden()
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", "313")
    site.add(call_at(312))
    expect(row(page, 312)).to_be_visible()
    page.keyboard.press("j")
    site.add(call_at(313))
    expect(page.get_by_role("button", name="1 new call")).to_be_visible()
    page.keyboard.press("Home")
    expect(row(page, 313)).to_be_visible()


def test_a_stream_that_runs_stands_on_top_and_its_time_passes_until_its_row_comes(visit: Visit, site: Site) -> None:
    page = visit.page
    site.add(call_at(0))
    page.goto(site.url)
    expect(page.locator("#live")).to_have_text("live")
    call, lost = begun(3), begun(50)
    say(site, sign(call, 17), sign(lost, 5, seconds_ago=40))
    running = page.locator("#running tr")
    expect(running).to_have_count(2)
    expect(running.first).to_contain_text("17 chunks")
    expect(running.last).to_contain_text("no sign for 4")
    width = running.first.locator("rect").last
    drawn = width.get_attribute("width")
    expect(width).not_to_have_attribute("width", str(drawn))
    expect(running.first).to_contain_text(re.compile(r"running ([5-9]|\d\d)\s"))
    site.add(call)
    expect(running).to_have_count(1)
    expect(page.locator("#calls tr")).to_have_count(2)
    ended = page.locator("#calls tr").first
    expect(ended.locator("a")).to_have_attribute("href", "/calls/" + "/".join(ids(call)))
    below, above = ended.bounding_box(), running.first.bounding_box()
    assert below is not None
    assert above is not None
    assert below["y"] >= above["y"] + above["height"] - 1


def test_filters_are_chosen_by_clicking_and_dropped_by_their_chips(visit: Visit, many: Site) -> None:
    page = visit.page
    page.goto(many.url)
    page.get_by_label("Only failed").check()
    expect(page).to_have_url(many.url + "/?where.failed=true")
    expect(page.locator("#totals")).to_contain_text("600")
    page.get_by_text("Filter and group").click()
    page.get_by_label("Attribute", exact=True).fill("user")
    page.get_by_label("Attribute", exact=True).press("Tab")
    expect(page.locator("#values option")).to_have_count(3)
    page.get_by_label("Value of the attribute").fill("ada")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(many.url + "/?where.failed=true&where.user=ada")
    page.get_by_role("link", name="only failed").click()
    expect(page).to_have_url(many.url + "/?where.user=ada")
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY // 3 + 1))
    page.get_by_label("Order").select_option("Slowest first")
    expect(page).to_have_url(many.url + "/?where.user=ada&first=slowest")
    page.get_by_role("link", name="Show all calls").click()
    page.goto(many.url + "/?by=user")
    page.get_by_role("link", name="bo").click()
    expect(page).to_have_url(many.url + "/?where.user=bo")


def test_the_list_is_used_by_keyboard_alone(visit: Visit, many: Site) -> None:
    page = visit.page
    page.goto(many.url)
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next call")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    for _ in range(3):
        page.keyboard.press("j")
    expect(row(page, MANY - 3).locator("a")).to_be_focused()
    page.keyboard.press("k")
    expect(row(page, MANY - 2).locator("a")).to_be_focused()
    assert page.locator('#calls a[tabindex="0"]').count() == 1
    page.keyboard.press("Control+j")
    expect(row(page, MANY - 2).locator("a")).to_be_focused()
    page.keyboard.press("End")
    expect(row(page, 0).locator("a")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(row(page, 1).locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(many.url + path_of(1))
    page.go_back()
    expect(row(page, 1).locator("a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find in attributes")).to_be_visible()
    page.wait_for_load_state()  # All scripts have run: keys are listened to.
    page.keyboard.press("Escape")
    expect(row(page, 1).locator("a")).to_be_focused()
    assert MANY - 2 in in_view(page)
    page.goto(many.url + path_of(MANY // 3))
    page.keyboard.press("Escape")
    expect(row(page, MANY // 3).locator("a")).to_be_focused()
    assert in_view(page)[0] == MANY - 1 - MANY // 3
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    expect(page.get_by_role("searchbox")).to_have_value("jk?")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No such calls yet")).to_be_visible()
    expect(page.locator("#live")).to_have_text("live")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(many.url + "/")


def test_a_list_in_another_order_is_used_by_keyboard_too_and_is_what_escape_leads_back_to(
    visit: Visit, many: Site
) -> None:
    page = visit.page
    page.goto(many.url + "/?first=slowest&where.user=bo")
    expect(page.locator("#live")).to_have_text("live")
    links = page.locator("#calls th a")
    for _ in range(3):
        page.keyboard.press("j")
    expect(links.nth(2)).to_be_focused()
    page.keyboard.press("End")
    expect(links.last).to_be_focused()
    expect(links.last).to_be_in_viewport()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Find in attributes")).to_be_visible()
    page.wait_for_load_state()  # All scripts have run: keys are listened to.
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"first=slowest"))
    expect(links.nth(98)).to_be_focused()
    page.goto(many.url + "/?by=user")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#groups a").nth(1)).to_be_focused()


def test_what_is_told_aloud_of_calls_that_arrive_is_gathered(visit: Visit, site: Site) -> None:
    page = visit.page
    page.clock.install()
    page.goto(site.url)
    expect(page.locator("#live")).to_have_text("live")
    for number in range(4):
        site.add(call_at(number))
        expect(row(page, number)).to_be_visible()
    expect(page.locator("#news")).to_have_text("1 new call")
    page.clock.run_for(10_000)
    expect(page.locator("#news")).to_have_text("3 new calls")


def test_without_a_script_older_calls_and_filters_are_there(browser: Browser, many: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(many.url + "/?limit=5")
        page.get_by_role("link", name="Older calls").click()
        expect(page.locator("#calls tr").first.locator("a")).to_have_attribute("href", path_of(MANY - 6))
        page.get_by_label("Only failed").check()
        page.get_by_role("button", name="Find").click()
        href = path_of(MANY - 7) + "?where.failed=true"
        expect(page.locator("#calls tr").first.locator("a")).to_have_attribute("href", href)
    finally:
        context.close()


def test_rows_are_cards_of_two_lines_on_a_phone(visit: Visit, many: Site) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(many.url)
    expect(page.locator("table.calls")).to_have_attribute("aria-rowcount", str(MANY + 1))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#list").evaluate("list => list.scrollWidth - list.clientWidth") == 0
    box = row(page, MANY - 1).bounding_box()
    assert box is not None
    assert box["height"] == 58
    scroll(page, 1)
    expect(row(page, 0)).to_be_visible()


def test_a_hidden_tab_does_not_ask(visit: Visit, site: Site) -> None:
    page = visit.page
    site.add(STREAMED, WHOLE)
    page.goto(site.url)
    expect(page.locator("#live")).to_have_text("live")
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    expect(page.locator("#live")).to_have_text("resting while hidden")
    site.add(later(STREAMED, STEP_NS))
    page.evaluate(hide, False)
    expect(page.locator("#calls tr")).to_have_count(3)
