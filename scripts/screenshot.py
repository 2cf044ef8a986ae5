"""The pictures in docs/images: views of the page over a day of one application that `a_day` makes up, as Chromium shows
them."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from a_day import Day
from chromium import running_chromium
from playwright.sync_api import Locator, Page

from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FIRSTTOKEN = Path(sys.executable).with_name("firsttoken")
ANY_PORTS = ServeSettings(grpc_port=0, http_port=0, page_port=0)
LARGEST_BYTES = 300_000
CHART_MS = 60_000


class Window(NamedTuple):
    """What the pictures are taken through."""

    folder: Path
    scheme: Literal["light", "dark"]
    width: int
    height: int


def main() -> None:
    """Raises where a view does not appear, or a picture is too large for a README."""
    window = _window()
    window.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="firsttoken-pictures-")))
        path = folder / "day.duckdb"
        server = undo.enter_context(Server(undo.enter_context(Store.open(path)), ANY_PORTS))
        Day(str(server.ports.http_endpoint), time.time_ns()).send()
        url = str(server.ports.page_url).rstrip("/")
        chromium = undo.enter_context(running_chromium())
        page = chromium.new_page(
            viewport={"width": window.width, "height": window.height},
            color_scheme=window.scheme,
            reduced_motion="reduce",
        )
        take_list(window, page, url)
        take_walk(window, page, url)
        take_trace(window, page, url)
        take_report(window, page, path, url)


def take_list(window: Window, page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#calls [data-key]").first.wait_for()
    take(page, window.folder / "page.png")


def take_walk(window: Window, page: Page, url: str) -> None:
    """As docs/page.md tells it: from the overview to the words that were slow, and to the costliest user."""
    page.goto(f"{url}/overview")
    page.locator(".chart svg").nth(4).wait_for(timeout=CHART_MS)
    take(page, window.folder / "overview.png")
    largest_gap(page).click()
    page.locator("#timeline canvas, #timeline svg").first.wait_for()
    page.locator("#timeline").scroll_into_view_if_needed()
    take(page, window.folder / "gap.png")
    page.goto(f"{url}/overview")
    costliest_user(page).click()
    page.locator("#calls [data-key]").first.wait_for()
    take(page, window.folder / "user.png")


def largest_gap(overview: Page) -> Locator:
    """The first of the largest token gaps."""
    return overview.get_by_role("region", name="Largest token gaps").get_by_role("listitem").first.get_by_role("link")


def costliest_user(overview: Page) -> Locator:
    """The first of those who spent."""
    return overview.get_by_role("region", name="Spend by user").get_by_role("listitem").first.get_by_role("link")


def take_trace(window: Window, page: Page, url: str) -> None:
    page.goto(f"{url}/traces")
    page.get_by_role("link", name="invoke_agent").first.click()
    take(page, window.folder / "trace.png")


def take_report(window: Window, page: Page, store_path: Path, url: str) -> None:
    """The top of the document that `firsttoken report --html` makes of the same calls."""
    document = store_path.with_name("report.html")
    server = ["--store", str(store_path), "--page-port", str(urlsplit(url).port)]
    subprocess.run([str(FIRSTTOKEN), "report", "--html", str(document), *server], check=True)
    page.goto(document.as_uri())
    take(page, window.folder / "report.png")


def take(page: Page, path: Path) -> None:
    """Raises SystemExit where it is too large."""
    taken = page.screenshot(path=path, animations="disabled")
    if len(taken) > LARGEST_BYTES:
        raise SystemExit(f"{path} has {len(taken)} bytes, more than {LARGEST_BYTES}: make its window smaller")
    print(f"{path}: {len(taken)} bytes")


def _window() -> Window:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the pictures")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1280, help="in pixels")
    parser.add_argument("--height", type=int, default=860, help="in pixels")
    asked = parser.parse_args()
    return Window(asked.folder, asked.scheme, asked.width, asked.height)


if __name__ == "__main__":
    main()
