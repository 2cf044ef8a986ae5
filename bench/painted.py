"""When a browser first paints a view of a million calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from playwright.sync_api import Browser
from scripts.chromium import running_chromium

from bench.figures import Figure, Spread, Table
from bench.served import Served

VISITS: Final = 7
AIM_MS: Final = 300.0
VIEWS: Final[Mapping[str, str]] = {
    "the list": "/",
    "the list, of one user": "/?where.user.id=user-77",
    "the list, a word of many calls searched": "/?search=claude",
    "overview": "/overview?since=0",
    "spend": "/spend",
    "traces": "/traces",
}
FIRST_PAINT: Final = """
() => new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries()[0].startTime))
    .observe({ type: "paint", buffered: true }))
"""


def measure(server: Served) -> Table:
    with running_chromium() as browser:
        figures = tuple(_figure(browser, what, f"http://{server.page}{path}") for what, path in VIEWS.items())
    return Table("page_paint", "To the first paint in Chromium, its cache empty", "ms", figures)


def _figure(browser: Browser, what: str, url: str) -> Figure:
    return Figure(what, 0, Spread.of([_painted_ms(browser, url) for _ in range(VISITS)]), AIM_MS)


def _painted_ms(browser: Browser, url: str) -> float:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        return float(page.evaluate(FIRST_PAINT))
    finally:
        context.close()
