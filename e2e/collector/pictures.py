"""The picture of docs/collector/redact.md: one call in the private store and in the public one, which are two
`firsttoken serve` behind a real Collector."""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from chromium import running_chromium
from patience import until
from playwright.sync_api import Page

import firsttoken
from e2e.gateway import SHORT
from e2e.observed import CONTENT, observed
from e2e.programs import ROOT, built, collector, free_ports
from e2e.serve import serve
from e2e.testbed.collector import COLLECTOR
from firsttoken.call import Usage
from firsttoken.testing import Delivery, text_answer

IMAGES: Final = ROOT / "docs" / "images"
LARGEST_BYTES: Final = 200_000
WIDTH: Final = 620
SHOWN: Final = ("cost", "conversation")
"""Of the sections of the page of a call, those that tell the two stores apart, and some that do not."""
USAGE: Final = Usage(input_tokens=1_412, output_tokens=31, cache_read_tokens=1_024, cache_write_tokens=0)
HIDDEN: Final = "main nav, main form, main .search-panel, section.panel"
ASKED: Final = "Why was my card charged twice for order 5512?"
ANSWERED: Final = "The second charge of 49 EUR is only reserved. It goes by Friday, and no money leaves your account."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where to put the picture")
    asked = parser.parse_args()
    private, public, grpc, http = free_ports(4)
    environment = {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{grpc}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "PRIVATE_ENDPOINT": f"127.0.0.1:{private}",
        "PUBLIC_ENDPOINT": f"127.0.0.1:{public}",
        "PRIVATE_INSECURE": "true",
        "PUBLIC_INSECURE": "true",
        "OWN_METRICS_LEVEL": "none",
        **SHORT,
    }
    with ExitStack() as undo:
        stores = {name: undo.enter_context(serve(port)) for name, port in (("private", private), ("public", public))}
        undo.enter_context(collector(built(COLLECTOR, "collector"), "redact.yaml", environment))
        app = undo.enter_context(observed(f"127.0.0.1:{grpc}", "helpdesk", settings=CONTENT))
        with firsttoken.context(user_id="u-17"):
            delivery = Delivery(first_after=0.41, each_after=0.2)
            app.ask(text_answer(ANSWERED, usage=USAGE, delivery=delivery), prompt=ASKED)
        app.flush()
        for store in stores.values():
            until(lambda at=store: at.asked("/api/calls"))
        chromium = undo.enter_context(running_chromium())
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="firsttoken-pictures-")))
        page = chromium.new_page(color_scheme="light", reduced_motion="reduce")
        taken = {name: take_call(page, store.url, folder / f"{name}.png") for name, store in stores.items()}
        side_by_side(page, taken, asked.folder / "redact.png")


def take_call(page: Page, url: str, path: Path) -> bytes:
    """Its head and some sections."""
    page.set_viewport_size({"width": WIDTH, "height": 900})
    page.goto(url)
    page.locator("#calls [data-key] a").first.click()
    page.locator(".call-figures").wait_for()
    others = "".join(f":not(#{name})" for name in SHOWN)
    page.evaluate("others => document.querySelectorAll(others).forEach((each) => each.remove())", HIDDEN + others)
    return page.locator("main").screenshot(path=path, animations="disabled")


def side_by_side(page: Page, pictures: dict[str, bytes], path: Path) -> None:
    columns = "".join(
        f'<figure><figcaption>{name}</figcaption><img src="data:image/png;base64,{base64.b64encode(taken).decode()}">'
        "</figure>"
        for name, taken in pictures.items()
    )
    style = (
        "body{margin:0} div{display:inline-flex;gap:16px;padding:12px;font:bold 18px sans-serif}"
        "figure{margin:0;border:1px solid #ccc} figcaption{padding:8px 12px;border-bottom:1px solid #ccc}"
        "img{display:block}"
    )
    page.set_viewport_size({"width": 2 * WIDTH + 60, "height": 900})
    page.goto("about:blank")  # where no policy of the last page forbids anything
    page.set_content(f"<style>{style}</style><div>{columns}</div>")
    taken = page.locator("div").screenshot(path=path)
    if len(taken) > LARGEST_BYTES:
        sys.exit(f"{path} has {len(taken)} bytes, of {LARGEST_BYTES} at most")
    print(f"{path}: {len(taken)} bytes")


if __name__ == "__main__":
    main()
