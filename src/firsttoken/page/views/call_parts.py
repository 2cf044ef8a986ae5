"""What the page of one call asks for when it is needed: timeline, long texts, the call as a test, its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from firsttoken.analyse import CallDetail
from firsttoken.analyse.neighbours import newer_call, older_call
from firsttoken.call.timeline import Timeline
from firsttoken.page.api import found_call
from firsttoken.page.as_test import NoTestError, as_test
from firsttoken.page.long_text import PORTION, portions, text_at
from firsttoken.page.question import BadQuestion, CallsQuestion
from firsttoken.page.timeline.packed import packed
from firsttoken.page.timeline.words import words_of
from firsttoken.page.told_content import content_of, with_content
from firsttoken.page.views.view import View
from firsttoken.unseen import readable

BINARY: Final = "application/octet-stream"
CALL: Final = "/calls/{trace_id}/{span_id}"
PLAIN: Final = "text/plain; charset=utf-8"
LONGEST_NUMBER: Final = 12
NEIGHBOURS: Final = {"newer": newer_call, "older": older_call}


class CallPartsView(View):
    """`/calls/TRACE/SPAN/timeline`, `.../timeline/words`, `.../text`, `.../test`, `.../newer` and
    `.../older`."""

    here = "/"

    def routes(self) -> Sequence[Route]:
        return [
            Route(f"{CALL}/timeline", self._timeline),
            Route(f"{CALL}/timeline/words", self._words),
            Route(f"{CALL}/text", self._text),
            Route(f"{CALL}/test", self._test),
            Route(f"{CALL}/{{side}}", self._neighbour),
        ]

    async def _timeline(self, request: Request) -> Response:
        timeline = _timeline_of(await found_call(self._site.store, request))
        return Response(await run_in_threadpool(packed, timeline), media_type=BINARY)

    async def _words(self, request: Request) -> Response:
        """As JSON: a text for each chunk, as the page shows it."""
        detail = await found_call(self._site.store, request)
        words = await run_in_threadpool(_seen_words, detail)
        if words is None:
            raise HTTPException(404, "Which words of this call came when is not known.")
        return JSONResponse(words)

    async def _text(self, request: Request) -> Response:
        """All of a text, as the page shows it or exactly as it was; with `from`, a portion of it as JSON."""
        place = request.query_params.get("place", "")
        detail = await found_call(self._site.store, request)
        text = await run_in_threadpool(text_at, with_content(detail), place)
        if text is None:
            raise HTTPException(404, f"There is no text at {place!r} of this call.")
        if "from" in request.query_params:
            return JSONResponse(_portion(text, request.query_params["from"]))
        if "exact" in request.query_params:
            return Response(text.encode(errors="backslashreplace"), media_type=PLAIN)
        return StreamingResponse(portions(text), media_type=PLAIN)

    async def _neighbour(self, request: Request) -> Response:
        """Leads to the next call of the list that the address tells of: found when it is asked for."""
        side = request.path_params["side"]
        if side not in NEIGHBOURS:
            raise HTTPException(404)
        question = CallsQuestion.read(request.query_params)
        detail = await found_call(self._site.store, request)
        ids = await run_in_threadpool(NEIGHBOURS[side], self._site.store, detail.row, question.selection)
        if ids is None:
            raise HTTPException(404, f"There is no {side} call among these.")
        return RedirectResponse(question.address(f"/calls/{'/'.join(ids)}"), 303)

    async def _test(self, request: Request) -> Response:
        detail = await found_call(self._site.store, request)
        try:
            module = await run_in_threadpool(as_test, detail)
        except NoTestError as error:
            raise HTTPException(422, str(error)) from error
        name = f"test_call_{detail.row.span_id}.py"
        headers = {"content-disposition": f'inline; filename="{name}"'}
        return PlainTextResponse(module, headers=headers)


def _timeline_of(detail: CallDetail) -> Timeline:
    if detail.timeline is None:
        raise HTTPException(404, "No timeline was recorded of this call.")
    return detail.timeline


def _seen_words(detail: CallDetail) -> list[str] | None:
    words = words_of(_timeline_of(detail), content_of(detail))
    return None if words is None else [readable(word) for word in words]


def _portion(text: str, word: str) -> dict[str, object]:
    if not (word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER):
        raise BadQuestion(f"from={word!r} is not a whole number")
    start = int(word)
    end = start + PORTION
    return {"text": readable(text[start:end]), "next": end if end < len(text) else None, "length": len(text)}
