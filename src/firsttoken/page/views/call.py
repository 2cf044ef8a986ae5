"""One call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firsttoken.analyse import CallDetail
from firsttoken.analyse.trace_place import place_of
from firsttoken.page.api import found_call
from firsttoken.page.as_test import can_be_tested
from firsttoken.page.call_page import call_page
from firsttoken.page.question import CallsQuestion
from firsttoken.page.told_content import with_content
from firsttoken.page.views.view import Site, View
from firsttoken.pricing import PriceBook
from firsttoken.store import Selection

AFTER_ALL_IDS: Final = "f" * 48
"""In a place of the list: the calls that started in that very nanosecond come after it."""


class CallView(View):
    """`/calls/TRACE/SPAN`, with the parameters of the list that it was chosen from."""

    here = "/"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._book = PriceBook()
        self._pricing = threading.Lock()

    def routes(self) -> Sequence[Route]:
        return [Route("/calls/{trace_id}/{span_id}", self._call)]

    async def _call(self, request: Request) -> HTMLResponse:
        question = CallsQuestion.read(request.query_params)
        detail = await found_call(self._site.store, request)
        return await run_in_threadpool(self._page, request, question, with_content(detail))

    def values_of(self, detail: CallDetail) -> dict[str, Any]:
        """What the page of a call shows, by the names in its template."""
        with self._pricing:
            return call_page(detail, self._book)

    def _page(self, request: Request, question: CallsQuestion, detail: CallDetail) -> HTMLResponse:
        row = detail.row
        address = f"/calls/{row.trace_id}/{row.span_id}"
        return self.page(
            "call.html",
            request,
            question=question,
            address=address,
            from_here=(row.call.timing.started_unix_ns, AFTER_ALL_IDS),
            newer=question.address(f"{address}/newer"),
            older=question.address(f"{address}/older"),
            place=place_of(self._site.store, row.trace_id, row.span_id),
            this=Selection(where={"trace": row.trace_id, "span": row.span_id}),
            ids={"trace_id": row.trace_id, "span_id": row.span_id},
            testable=can_be_tested(row.call),
            **self.values_of(detail),
        )
