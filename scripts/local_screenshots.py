"""The pictures of docs/collector/local.md: one call of a day that `a_day` makes up, on both pages.

The day goes to a Collector with local.yaml, which gives it to a running `firsttoken serve` and a Jaeger that has its
page. `jaeger_screenshots` takes Jaeger's other pictures.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, Final

from a_day import Day
from chromium import running_chromium
from jaeger_screenshots import found, take_top
from playwright.sync_api import Page
from screenshot import IMAGES

from firsttoken.semconv import own

WIDTH: Final = 1280
ARRIVES_WITHIN_S: Final = 60


def main() -> None:
    """Raises where a view does not appear, or a picture is too large for a page."""
    asked = _asked()
    asked.folder.mkdir(parents=True, exist_ok=True)
    Day(asked.otlp, time.time_ns()).send()
    trace = arrived(asked.jaeger)
    with running_chromium() as chromium:
        page = chromium.new_page(color_scheme="light", reduced_motion="reduce")
        take_ours(page, f"{asked.firsttoken}/traces/{trace}", asked.folder)
        take_jaegers(page, f"{asked.jaeger}/trace/{trace}", asked.folder)


def arrived(jaeger: str) -> str:
    """The trace of the call that stood still for longest, which is the last that the day sends."""
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    while True:
        try:
            return found(jaeger, {own.STALL_COUNT: "1"}, lookback="2d")
        except IndexError:
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing came to {jaeger} in {ARRIVES_WITHIN_S} s") from None
            time.sleep(0.2)


def take_ours(page: Page, trace: str, folder: Path) -> None:
    """The call with its token timeline."""
    page.set_viewport_size({"width": WIDTH, "height": 656})
    page.goto(trace)
    page.get_by_role("link", name="chat").first.click()
    page.locator("#timeline canvas, #timeline svg").first.wait_for()
    take_top(page, folder / "local-firsttoken.png")


def take_jaegers(page: Page, trace: str, folder: Path) -> None:
    """Its span with the tags that come first."""
    page.set_viewport_size({"width": WIDTH, "height": 722})
    page.goto(trace)
    page.locator(".span-name").first.click()
    page.get_by_role("switch", name="Tags").click()
    page.get_by_text(own.COST_TOTAL, exact=True).wait_for()
    take_top(page, folder / "local-jaeger.png")


def _asked() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--otlp", default="http://127.0.0.1:4318", help="the Collector's HTTP (default: %(default)s)")
    parser.add_argument("--jaeger", default="http://127.0.0.1:16686", help="its page (default: %(default)s)")
    parser.add_argument("--firsttoken", default="http://127.0.0.1:4319", help="its page (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
