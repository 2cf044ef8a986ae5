"""How long after a call has ended its row can be read from a running server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.fresh import FIRSTTOKEN, environment, said

AIM_MS: Final = 1000.0

SERVE: Final = (FIRSTTOKEN, "serve", "--memory")
PORTS: Final = ("--grpc-port", "0", "--http-port", "0", "--page-port", "0")

CODE: Final = """
import asyncio, http.client, json, time
from urllib.parse import urlsplit
import firsttoken
from bench.sdks import CHAT, Caller

CALLS = 30
page = http.client.HTTPConnection(urlsplit("{page}").netloc)

def rows():
    page.request("GET", "/api/calls?limit=100")
    return len(json.loads(page.getresponse().read()))

async def main():
    caller = Caller(CHAT, "async", 10, own_spans=True)
    firsttoken.instrument(firsttoken.Settings(local_endpoint="{otlp}"))
    taken_ms = []
    for count in range(1, CALLS + 1):
        await caller.drain(await caller.open())
        ended = time.perf_counter_ns()
        while rows() < count:
            if time.perf_counter_ns() - ended > 30e9:
                raise SystemExit(f"call {{count}} did not come to the page")
        taken_ms.append((time.perf_counter_ns() - ended) / 1e6)
    print(json.dumps(taken_ms))

asyncio.run(main())
"""
"""What `firsttoken run` has its child do, and a reader of the page's answers."""


def measure() -> list[Table]:
    quiet = environment() | {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    with _server() as (page, otlp):
        taken_ms = json.loads(said(CODE.format(page=page, otlp=otlp), quiet))
    figure = Figure("a streamed chat call", 0, Spread.of(taken_ms), AIM_MS)
    return [Table("page_row", "From the end of a call to its row on the page", "ms", (figure,))]


@contextmanager
def _server() -> Generator[tuple[str, str]]:
    """The addresses of the page and of the OTLP/HTTP receiver."""
    with subprocess.Popen([*SERVE, *PORTS], env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            told = dict(line.split(maxsplit=1) for line in (process.stdout.readline() for _ in range(4)))
            yield told["Page"].strip(), told["OTLP/HTTP"].strip()
        finally:
            process.terminate()
