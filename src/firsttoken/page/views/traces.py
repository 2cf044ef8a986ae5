"""The newest traces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firsttoken.analyse.newest_traces import TraceCursor, cursor_of, newest_traces
from firsttoken.page.bar import common_scale
from firsttoken.page.figures import MINUTE_NS
from firsttoken.page.question import TRACE_LETTERS, Subject, cursor_word, read_cursor
from firsttoken.page.ranges import HOUR_NS
from firsttoken.page.views.view import View

LIMIT: Final = 50
LONG_UNITS_MS: Final = (HOUR_NS / 1e6, MINUTE_NS / 1e6)


class TracesView(View):
    """`/traces`: those that have one of some calls, the latest first, and earlier ones with `before`."""

    here = "/traces"

    def routes(self) -> Sequence[Route]:
        return [Route("/traces", self._traces)]

    async def _traces(self, request: Request) -> HTMLResponse:
        asked = Subject.read(request.query_params, also=("before",))
        before = read_cursor(request.query_params, TRACE_LETTERS)
        return await run_in_threadpool(self._page, request, asked, before)

    def _page(self, request: Request, asked: Subject, before: TraceCursor | None) -> HTMLResponse:
        found = newest_traces(self._site.store, asked.selection, limit=LIMIT + 1, before=before)
        lines = found[:LIMIT]
        older = asked.address("/traces", before=cursor_word(cursor_of(lines[-1]))) if len(found) > LIMIT else None
        return self.page(
            "traces.html",
            request,
            traces=lines,
            asked=asked,
            scale_ms=_scale_ms([line.duration_ns / 1e6 for line in lines]),
            older=older,
            is_newest=before is None,
        )


def _scale_ms(lengths_ms: Sequence[float]) -> float:
    """A round figure of hours or minutes, where so much is shown."""
    scale_ms = common_scale(lengths_ms)
    for unit_ms in LONG_UNITS_MS:
        if scale_ms >= 2 * unit_ms:
            return unit_ms * common_scale(length / unit_ms for length in lengths_ms)
    return scale_ms
