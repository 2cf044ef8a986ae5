"""A headless Chromium of this machine, alone with what it is told to visit: for pictures and for browser tests."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_running: Final[list[Browser]] = []


def chromium_path() -> str:
    """Raises RuntimeError, saying how to get one, where there is none."""
    for name in NAMES:
        if (path := shutil.which(name)) is not None:
            return path
    raise RuntimeError("no Chromium was found on the PATH: install one, for example with `apt-get install chromium`")


@contextmanager
def running_chromium() -> Generator[Browser]:
    """While it is open, this thread belongs to Playwright's event loop, so that within another one it is the same."""
    if _running:
        yield _running[-1]
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        _running.append(browser)
        try:
            yield browser
        finally:
            _running.remove(browser)
            browser.close()
