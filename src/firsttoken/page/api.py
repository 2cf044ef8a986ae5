"""The JSON answers, for the command line and for scripts: each is one value of `analyse.answers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firsttoken.analyse import CallDetail, CallRow, Health, Report, find_call, recent_calls, report
from firsttoken.page.question import CallsQuestion, ReportQuestion
from firsttoken.page.status import Status, status
from firsttoken.store import Store

CALLS: Final = TypeAdapter(list[CallRow])
DETAIL: Final = TypeAdapter(CallDetail)
REPORT: Final = TypeAdapter(Report)
STATUS: Final = TypeAdapter(Status)


class Api:
    """`/api/...`, except the streams."""

    def __init__(self, store: Store, health: Callable[[], Health]) -> None:
        self._store = store
        self._health = health

    def routes(self) -> list[Route]:
        return [
            Route("/api/calls", self._calls),
            Route("/api/calls/{trace_id}/{span_id}", self._call),
            Route("/api/report", self._report),
            Route("/api/health", self._status),
        ]

    async def _calls(self, request: Request) -> Response:
        question = CallsQuestion.read(request.query_params)
        rows = await run_in_threadpool(
            recent_calls,
            self._store,
            limit=question.limit,
            before=question.before,
            run_id=question.run_id,
            where=question.where,
        )
        return _json(CALLS.dump_json(rows))

    async def _call(self, request: Request) -> Response:
        return _json(DETAIL.dump_json(await found_call(self._store, request)))

    async def _report(self, request: Request) -> Response:
        question = ReportQuestion.read(request.query_params)
        answer = await run_in_threadpool(
            report,
            self._store,
            since_unix_ns=question.since_unix_ns,
            run_id=question.run_id,
            where=question.where,
        )
        return _json(REPORT.dump_json(answer))

    async def _status(self, request: Request) -> Response:
        return _json(STATUS.dump_json(status(self._health(), request.app.state.holders, self._store.path)))


async def found_call(store: Store, request: Request) -> CallDetail:
    """The call that the address names. HTTPException 404 where there is none."""
    trace_id, span_id = request.path_params["trace_id"].lower(), request.path_params["span_id"].lower()
    detail = await run_in_threadpool(find_call, store, trace_id, span_id)
    if detail is None:
        raise HTTPException(404, f"There is no call {span_id} in trace {trace_id}.")
    return detail


def _json(document: bytes) -> Response:
    return Response(document, media_type="application/json")
