"""The pictures of docs/jaeger.md: calls that `a_day` makes up, as a running Jaeger that has its page shows them.

It has to be configured by dashboards/jaeger/, with searches for the service `helpdesk`, and have a Prometheus: the
Monitor tab is about what came in while this runs.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from pathlib import Path
from threading import Event
from typing import Any, Final
from urllib.parse import urlencode
from urllib.request import urlopen

from a_day import Day
from chromium import running_chromium
from playwright.sync_api import Page
from screenshot import IMAGES, take

from firsttoken.call import Category, Outcome
from firsttoken.semconv import own

SERVICE: Final = "helpdesk"
PAUSE_S: Final = 10
WIDTH: Final = 1280
REMEMBERED: Final = {"lastAtmSearchSpanKind": "client", "lastAtmSearchTimeframe": 900_000}
"""What the Monitor tab was last asked: calls are spans of clients, in the last 15 minutes."""


def main() -> None:
    """Raises where a view does not appear, or a picture is too large for a page."""
    asked = _asked()
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # Jaeger takes no logs, and says so of each batch
    asked.folder.mkdir(parents=True, exist_ok=True)
    fill(asked.otlp, asked.minutes)
    with running_chromium() as chromium:
        page = chromium.new_page(color_scheme="light", reduced_motion="reduce")
        take_search(page, asked.jaeger, asked.folder)
        take_stream(page, asked.jaeger, asked.folder)
        take_failed(page, asked.jaeger, asked.folder)
        take_agent(page, asked.jaeger, asked.folder)
        take_monitor(page, asked.jaeger, asked.folder)


def fill(endpoint: str, minutes: int) -> None:
    """A day, and then some calls every few seconds."""
    Day(endpoint, time.time_ns()).send()
    pause = Event()
    for number in range(minutes * 60 // PAUSE_S):
        pause.wait(PAUSE_S)
        Day(endpoint, time.time_ns(), seed=100 + number).send(calls=20 + number % 7 * 4, runs=3 + number % 3)


def take_search(page: Page, jaeger: str, folder: Path) -> None:
    """What a saved search found, with the menu that it came from."""
    page.set_viewport_size({"width": WIDTH, "height": 620})
    asked = urlencode({"service": SERVICE, "lookback": "2d", "limit": 50, "tags": _tags(Category.RATE_LIMIT)})
    page.goto(f"{jaeger}/search?{asked}")
    page.get_by_text("1 Error").first.wait_for()
    page.get_by_text(SERVICE, exact=True).first.hover()
    page.get_by_role("link", name="Late first token").wait_for()
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished))")  # The menu fades in.
    take(page, folder / "jaeger-search.png")


def take_stream(page: Page, jaeger: str, folder: Path) -> None:
    """The call that paused for longest: its milestones, and the tags that come first."""
    page.set_viewport_size({"width": WIDTH, "height": 1090})
    _open(page, jaeger, {own.STALL_COUNT: "1"})
    page.get_by_text("show more").first.click()
    page.get_by_text(own.COST_TOTAL, exact=True).wait_for()
    take_top(page, folder / "jaeger-stream.png")


def take_failed(page: Page, jaeger: str, folder: Path) -> None:
    """One that the provider refused, and why."""
    page.set_viewport_size({"width": WIDTH, "height": 560})
    _open(page, jaeger, {own.OUTCOME: Outcome.FAILED})
    page.get_by_text("otel.status_description", exact=True).wait_for()
    take_top(page, folder / "jaeger-failed.png")


def take_agent(page: Page, jaeger: str, folder: Path) -> None:
    page.set_viewport_size({"width": WIDTH, "height": 430})
    page.goto(f"{jaeger}/trace/{found(jaeger, operation='execute_tool read_calendar')}")
    page.get_by_text("execute_tool read_calendar").wait_for()
    take(page, folder / "jaeger-agent.png")


def take_monitor(page: Page, jaeger: str, folder: Path) -> None:
    page.set_viewport_size({"width": WIDTH, "height": 860})
    for name, value in REMEMBERED.items():
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, json.dumps(value)])
    page.goto(f"{jaeger}/monitor")
    page.get_by_role("cell", name="chat claude-sonnet-4-5").wait_for()
    page.locator(".recharts-line, .recharts-area").first.wait_for()
    take(page, folder / "jaeger-monitor.png")


def found(jaeger: str, tags: dict[str, str] | None = None, **asked: str) -> str:
    """The newest trace that Jaeger finds."""
    parameters = {"service": SERVICE, "limit": "1", **asked, **({"tags": json.dumps(tags)} if tags else {})}
    with urlopen(f"{jaeger}/api/traces?{urlencode(parameters)}", timeout=30) as response:
        return json.load(response)["data"][0]["traceID"]


def _open(page: Page, jaeger: str, tags: dict[str, str]) -> None:
    """The tags of the one span of the newest such trace."""
    page.goto(f"{jaeger}/trace/{found(jaeger, tags)}")
    page.locator(".span-name").first.click()
    page.get_by_role("switch", name="Tags").click()


def take_top(page: Page, path: Path) -> None:
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    take(page, path)


def _tags(category: Category) -> str:
    return json.dumps({own.ERROR_CATEGORY: category})


def _asked() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jaeger", default="http://127.0.0.1:16686", help="its page (default: %(default)s)")
    parser.add_argument("--otlp", default="http://127.0.0.1:24318", help="its OTLP over HTTP (default: %(default)s)")
    parser.add_argument("--minutes", type=int, default=10, help="for how long calls are made (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
