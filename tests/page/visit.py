"""A window of a real browser, with everything that it complains about."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page


@dataclass(frozen=True, slots=True)
class Visit:
    """One page in one window."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Console errors, warnings and uncaught exceptions; a violated content security policy is among them."""
    hosts: set[str] = field(default_factory=set)
    """Every host that was asked for anything."""


@contextmanager
def visiting(browser: Browser) -> Generator[Visit]:
    context = browser.new_context()
    try:
        visit = Visit(context.new_page())
        visit.page.on("console", lambda message: _note(visit, message.type, message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
        yield visit
    finally:
        context.close()


def _note(visit: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        visit.complaints.append(f"{kind}: {text}")
