"""One trace, and the spans of it that are no calls."""

from __future__ import annotations

import time
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from firsttoken.analyse import find_call
from firsttoken.analyse.running import running_calls
from firsttoken.analyse.spans import find_span
from firsttoken.analyse.trace_place import place_of
from firsttoken.analyse.tracing import MOST_READ, Trace, find_trace
from firsttoken.page.question import Subject
from firsttoken.page.views.view import View
from firsttoken.page.waterfall import axis_of


class TraceView(View):
    """`/traces/TRACE`: its tree; and `/traces/TRACE/SPAN`: everything about a span that is no call."""

    here = "/traces"

    def routes(self) -> Sequence[Route]:
        return [Route("/traces/{trace_id}", self._trace), Route("/traces/{trace_id}/{span_id}", self._span)]

    async def _trace(self, request: Request) -> Response:
        asked = Subject.read(request.query_params, also=("below",))
        return await run_in_threadpool(self._trace_page, request, request.path_params["trace_id"].lower(), asked)

    def _trace_page(self, request: Request, trace_id: str, asked: Subject) -> Response:
        """`asked` is what the list of traces was narrowed to, where the way back leads."""
        below = request.query_params.get("below")
        found = find_trace(self._site.store, trace_id, below=below)
        if found is None:
            raise HTTPException(404, f"There is no trace {trace_id}{' with such a span' if below else ''}.")
        now_unix_ns = time.time_ns()
        running = running_calls(self._site.store, now_unix_ns)
        return self.page(
            "trace.html",
            request,
            trace=found,
            asked=asked,
            running=[call for call in running if call.trace_id == trace_id],
            now_unix_ns=now_unix_ns,
            below=below,
            root=name_of_root(found),
            axis=axis_of(found),
            export={"id": trace_id, "limit": MOST_READ} | ({} if below is None else {"below": below}),
        )

    async def _span(self, request: Request) -> Response:
        trace_id, span_id = request.path_params["trace_id"].lower(), request.path_params["span_id"].lower()
        return await run_in_threadpool(self._span_page, request, trace_id, span_id)

    def _span_page(self, request: Request, trace_id: str, span_id: str) -> Response:
        store = self._site.store
        place = place_of(store, trace_id, span_id)
        if place is None:
            raise HTTPException(404, f"There is no span {span_id} in trace {trace_id}.")
        span = find_span(store, trace_id, span_id)
        if span is None and find_call(store, trace_id, span_id) is not None:
            return RedirectResponse(f"/calls/{trace_id}/{span_id}")
        if span is None:
            raise HTTPException(404, f"There is no span {span_id} in trace {trace_id}.")
        return self.page("span.html", request, span=span, place=place)


def name_of_root(trace: Trace) -> str:
    """The name of the longest of its roots."""
    roots = [node for node in trace.nodes if node.depth == 0]
    return max(roots, key=lambda node: node.duration_ns).name if roots else trace.trace_id
