"""Every view in a real browser, over a store of everything: harmless, accessible, in both themes and on a phone."""

from __future__ import annotations

import pytest
from hostile import TEXTS, hidden_in
from playwright.sync_api import Browser

from firsttoken.unseen import readable

from .every_view import addresses, every_route
from .everything import Everything
from .looking import (
    axe_violations,
    made_of_text,
    moving,
    open_and_settle,
    stops_of_tab,
    text_of,
    unlike_reading,
    width_beyond,
)
from .site import Site
from .visit import visiting

pytestmark = pytest.mark.system

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 800}


@pytest.mark.parametrize("route", every_route())
def test_no_view_runs_follows_or_hides_what_a_stranger_wrote(
    browser: Browser, full_site: tuple[Site, Everything], route: str
) -> None:
    site, everything = full_site
    with visiting(browser) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(f"a dialog: {dialog.message}"))
        for address in addresses(route, everything):
            if not is_page(site, address):
                continue
            open_and_settle(visit.page, site.url + address)
            assert made_of_text(visit.page) == []
            assert hidden_in(text_of(visit.page)) == set()
        assert visit.complaints == []
        assert visit.hosts <= {site.host}


def test_every_text_is_shown_with_what_hides_in_it(browser: Browser, full_site: tuple[Site, Everything]) -> None:
    site, everything = full_site
    with visiting(browser) as visit:
        open_and_settle(visit.page, f"{site.url}/calls/{everything.hostile}")
        said = words(text_of(visit.page))
    assert [name for name, text in TEXTS.items() if words(readable(text)) not in said] == []


def words(text: str) -> str:
    """Space is only space, as in a browser."""
    return " ".join(text.split())


@pytest.mark.parametrize("route", every_route())
def test_every_view_is_accessible_in_both_themes_and_on_a_phone(
    browser: Browser, full_site: tuple[Site, Everything], route: str
) -> None:
    site, everything = full_site
    with visiting(browser) as visit:
        page = visit.page
        for address in addresses(route, everything)[:2]:
            if not is_page(site, address):
                continue
            page.set_viewport_size(WIDE)
            page.emulate_media(color_scheme="light")
            open_and_settle(page, site.url + address)
            broken = {"light": axe_violations(page)}
            page.emulate_media(color_scheme="dark")
            broken["dark"] = axe_violations(page)
            page.set_viewport_size(PHONE)
            broken["phone"] = axe_violations(page)
            assert {where: rules for where, rules in broken.items() if rules} == {}
            assert width_beyond(page, 360) <= 0
            assert width_beyond(page, 320) <= 0


def is_page(site: Site, address: str) -> bool:
    """A view may have routes beside its pages: rows for a script of its own."""
    answer = site.get(address, {"accept": "text/html"})
    assert answer.status == 200, f"{address}: {answer.text[:200]}"
    return answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("route", every_route())
def test_the_keyboard_reaches_what_a_view_has_in_its_order_and_the_focus_is_seen(
    browser: Browser, full_site: tuple[Site, Everything], route: str
) -> None:
    site, everything = full_site
    with visiting(browser) as visit:
        for address in addresses(route, everything)[:1]:
            if not is_page(site, address):
                continue
            open_and_settle(visit.page, site.url + address)
            stops = stops_of_tab(visit.page)
            assert "Skip to content" in stops[0]["name"]
            assert [stop["name"] for stop in stops if not (stop["seen"] and stop["inside"])] == []
            assert unlike_reading(stops) == []
            visit.page.emulate_media(forced_colors="active")
            assert [stop for stop in stops_of_tab(visit.page) if not stop["seen"]] == []


def test_a_new_row_glows_unless_its_reader_wants_nothing_to_move(
    browser: Browser, full_site: tuple[Site, Everything]
) -> None:
    with visiting(browser) as visit:
        open_and_settle(visit.page, full_site[0].url)
        visit.page.evaluate("document.querySelector('#calls > *').classList.add('fresh')")
        assert moving(visit.page) > 0
        visit.page.emulate_media(reduced_motion="reduce")
        assert moving(visit.page) == 0
