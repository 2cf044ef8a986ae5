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

from firsttoken.analyse import CallDetail, CallRow, Health, find_call, recent_calls
from firsttoken.analyse.answer_json import json_line
from firsttoken.analyse.asking import AnyAnswer, answered
from firsttoken.analyse.catalogue import ANSWERS
from firsttoken.analyse.exporting import ExportOptions, exported
from firsttoken.analyse.options import Options
from firsttoken.page.question import CallsQuestion, read_options
from firsttoken.page.stating import answered_statement, read_statement
from firsttoken.page.status import Status, status
from firsttoken.page.tabular import streamed
from firsttoken.store import LiveWarehouse

CALLS: Final = TypeAdapter(list[CallRow])
DETAIL: Final = TypeAdapter(CallDetail)
STATUS: Final = TypeAdapter(Status)


class Api:
    """`/api/...`, except the streams."""

    def __init__(self, store: LiveWarehouse, health: Callable[[], Health]) -> None:
        self._store = store
        self._health = health

    def routes(self) -> list[Route]:
        return [
            Route("/api/calls", self._calls),
            Route("/api/calls/{trace_id}/{span_id}", self._call),
            Route("/api/answers/{name}", self._answer),
            Route("/api/export", self._export),
            Route("/api/sql", self._state, methods=["POST"]),
            Route("/api/health", self._status),
        ]

    async def _calls(self, request: Request) -> Response:
        question = CallsQuestion.read(request.query_params)
        rows = await run_in_threadpool(
            recent_calls, self._store, question.selection, limit=question.limit, before=question.before
        )
        return _json(json_line(CALLS, rows))

    async def _call(self, request: Request) -> Response:
        return _json(json_line(DETAIL, await found_call(self._store, request)))

    async def _answer(self, request: Request) -> Response:
        answer = ANSWERS.get(request.path_params["name"])
        if answer is None:
            raise HTTPException(404, f"There is no such answer: ask for {', '.join(ANSWERS)}.")
        options = read_options(answer.options, request.query_params)
        return _json(await run_in_threadpool(self._answered, answer, options))

    def _answered(self, answer: AnyAnswer, options: Options) -> str:
        return json_line(TypeAdapter(answer.answer), answered(answer, self._store, options))

    async def _export(self, request: Request) -> Response:
        return await streamed(exported(self._store, read_options(ExportOptions, request.query_params)))

    async def _state(self, request: Request) -> Response:
        statement = await read_statement(request)
        return await streamed(answered_statement(self._store, statement, request, self._store.subscribe()))

    async def _status(self, request: Request) -> Response:
        return _json(json_line(STATUS, status(self._health(), request.app.state.holders.taken, self._store.path)))


async def found_call(store: LiveWarehouse, request: Request) -> CallDetail:
    """The call that the address names. HTTPException 404 where there is none."""
    trace_id, span_id = request.path_params["trace_id"].lower(), request.path_params["span_id"].lower()
    detail = await run_in_threadpool(find_call, store, trace_id, span_id)
    if detail is None:
        raise HTTPException(404, f"There is no call {span_id} in trace {trace_id}.")
    return detail


def _json(document: str) -> Response:
    return Response(document, media_type="application/json")
