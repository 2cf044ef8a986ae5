"""The two pages, rendered on the server: the list of calls and one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from firsttoken.analyse import CallDetail, Health, recent_calls, report
from firsttoken.page.api import found_call
from firsttoken.page.bar import bar, scale_ms
from firsttoken.page.conversation import conversation, without_conversation
from firsttoken.page.news import older_address
from firsttoken.page.phases import phases
from firsttoken.page.provider_trace import trace_views
from firsttoken.page.question import CallsQuestion
from firsttoken.page.rendering import page
from firsttoken.page.said import said_of
from firsttoken.page.status import Status, status
from firsttoken.page.vega import Vega
from firsttoken.store import Store

LASTING: Final = {"cache-control": "private, max-age=86400"}


class Views:
    """`/` and `/calls/...`, and what their chart is drawn with."""

    def __init__(self, store: Store, health: Callable[[], Health], vega: Vega) -> None:
        self._store = store
        self._health = health
        self._vega = vega

    def routes(self) -> list[Route]:
        return [
            Route("/", self._calls),
            Route("/calls/{trace_id}/{span_id}", self._call),
            Route("/chart/vega.js", self._vega_bundle),
            Route("/chart/first-token.json", self._vega_rules),
        ]

    async def _calls(self, request: Request) -> HTMLResponse:
        question = CallsQuestion.read(request.query_params)
        self._vega.prepare()
        return await run_in_threadpool(self._calls_page, question, self._status(request))

    async def _call(self, request: Request) -> HTMLResponse:
        return _call_page(await found_call(self._store, request), self._status(request))

    async def _vega_bundle(self, request: Request) -> Response:
        return Response(await self._vega.part("bundle"), media_type="text/javascript", headers=LASTING)

    async def _vega_rules(self, request: Request) -> Response:
        return Response(await self._vega.part("rules"), media_type="application/json", headers=LASTING)

    def _calls_page(self, question: CallsQuestion, server: Status) -> HTMLResponse:
        rows = recent_calls(
            self._store, limit=question.limit, before=question.before, run_id=question.run_id, where=question.where
        )
        return page(
            "calls.html",
            question=question,
            rows=rows,
            report=report(self._store, run_id=question.run_id, where=question.where),
            scale_ms=scale_ms(rows),
            live=question.before is None,
            newest=question.address(),
            older=older_address(question, rows),
            server=server,
        )

    def _status(self, request: Request) -> Status:
        return status(self._health(), request.app.state.holders, self._store.path)


def _call_page(detail: CallDetail, server: Status) -> HTMLResponse:
    call = detail.row.call
    return page(
        "call.html",
        detail=without_conversation(detail),
        conversation=conversation(detail),
        phases=phases(call),
        provider_traces=trace_views(detail.provider_traces),
        said=said_of(call.request.context),
        strip_ms=bar(call).total_ms or 1.0,
        server=server,
    )
