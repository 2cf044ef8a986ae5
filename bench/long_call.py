"""How soon the page of a call of 100,000 chunks shows its answer, each piece coloured by how long it was waited for."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from playwright.sync_api import Browser
from scripts.chromium import running_chromium

from bench.figures import Figure, Spread, Table
from bench.fresh import environment, said
from bench.served import Served, served

WORDS: Final = 100_000
VISITS: Final = 7
AIM_MS: Final = 1000.0
COLOURED: Final = "#timeline .words span"

CODE: Final = """
import asyncio
import firsttoken
from bench.sdks import CHAT, Caller

told = {{"capture_content": "SPAN_ONLY", "trace_content": "full"}}
whole = {{"content_limit_bytes": 4_000_000, "content_part_limit_bytes": 4_000_000}}

async def main():
    caller = Caller(CHAT, "async", {words}, own_spans=True)
    firsttoken.instrument(firsttoken.Settings(local_endpoint="http://{otlp}", exit_timeout_s=60, **told, **whole))
    await caller.drain(await caller.open())

asyncio.run(main())
print("null")
"""
"""A stream that a real SDK reads; all of its words are told."""


def measure() -> list[Table]:
    quiet = environment() | {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "call.duckdb") as server:
        said(CODE.format(otlp=server.http, words=WORDS), quiet)
        url = _url(server)
        with running_chromium() as browser:
            first, *again = (_opened_ms(browser, url) for _ in range(VISITS + 1))
    figures = (_figure("the first time", [first]), _figure("again", again))
    return [Table("long_call", f"To the words of an open call of {WORDS:,} chunks, in Chromium", "ms", figures)]


def _url(server: Served) -> str:
    with urlopen(f"http://{server.page}/api/calls?limit=1", timeout=60) as answer:
        (row,) = json.load(answer)
    return f"http://{server.page}/calls/{row['trace_id']}/{row['span_id']}"


def _opened_ms(browser: Browser, url: str) -> float:
    context = browser.new_context()
    try:
        page = context.new_page()
        began = time.perf_counter()
        page.goto(url)
        page.locator(COLOURED).first.wait_for(timeout=60_000)
        return (time.perf_counter() - began) * 1000
    finally:
        context.close()


def _figure(what: str, values: list[float]) -> Figure:
    return Figure(what, 0, Spread.of(values), AIM_MS)
