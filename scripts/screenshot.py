"""The pictures in docs/images: the page, after the demo's workload ran under `firsttoken run`, as Chromium shows it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from chromium import running_chromium
from playwright.sync_api import Page

from firsttoken.analyse import recent_calls
from firsttoken.call import Call, Ledger, Outcome
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store
from firsttoken.testing import DefaultScript, ProviderServer

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
    """Raises where the workload fails, a page does not appear, or a picture is too large for a README."""
    window = _window()
    with tempfile.TemporaryDirectory(prefix="firsttoken-pictures-") as folder:
        path = Path(folder) / "pictures.duckdb"
        with Store.open(path) as store, Server(store, ANY_PORTS) as server:
            url = str(server.ports.page_url)
            run_workload(path, url)
            take_pictures(window, url, url + call_path(store))


def run_workload(store_path: Path, url: str) -> None:
    """Its calls go to the server of this process, which keeps the same store and so is joined."""
    with ProviderServer(DefaultScript(pace=1)) as provider:
        workload = [sys.executable, "-m", "firsttoken.testing.workload", "--base-url", provider.base_url]
        joined = ["--exit", "--store", str(store_path), "--page-port", str(urlsplit(url).port)]
        subprocess.run([str(FIRSTTOKEN), "run", *joined, "--", *workload], check=True)


def call_path(store: Store) -> str:
    """Of the first call, newest first, that has most to show."""
    row = max(recent_calls(store, limit=1000), key=lambda row: _substance(row.call))
    return f"calls/{row.trace_id}/{row.span_id}"


def take_pictures(window: Window, page_url: str, call_url: str) -> None:
    window.folder.mkdir(parents=True, exist_ok=True)
    with running_chromium() as chromium:
        page = chromium.new_page(
            viewport={"width": window.width, "height": window.height},
            color_scheme=window.scheme,
            reduced_motion="reduce",
        )
        page.goto(page_url)
        page.locator("#chart svg").wait_for(timeout=CHART_MS)
        _take(page, window.folder / "page.png")
        page.goto(call_url)
        _take(page, window.folder / "call.png")


def _take(page: Page, path: Path) -> None:
    taken = page.screenshot(path=path, animations="disabled")
    if len(taken) > LARGEST_BYTES:
        raise SystemExit(f"{path} has {len(taken)} bytes, more than {LARGEST_BYTES}: make its window smaller")
    print(f"{path}: {len(taken)} bytes")


def _substance(call: Call) -> tuple[bool, ...]:
    usage = call.usage
    return (
        call.outcome is Outcome.COMPLETED,
        call.timing.first_token_ns is not None,
        isinstance(call.cost, Ledger),
        usage is not None and bool(usage.cache_read_tokens),
        usage is not None and bool(usage.reasoning_tokens),
    )


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
