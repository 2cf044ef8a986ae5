"""What the form over the list asks for: the address that it leads to, and what can be filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from firsttoken.analyse.grouping import names_of, values_of
from firsttoken.page.find_form import NAMES, FindForm, filled_in, found_question
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.navigation import PLACES
from firsttoken.page.question import LONGEST_CONDITION, BadQuestion
from firsttoken.page.rendering import wants_html
from firsttoken.page.views.refused_list import not_understood
from firsttoken.page.views.view import View

LIST: Final = "/"
VIEWS: Final[Mapping[str, tuple[str, ...]]] = {
    LIST: (),
    "/overview": (),
    "/spend": ("by", "sort"),
    "/traces": (),
    "/what-if": ("to", "tier", "batch", "no_cache"),
}
"""That are about some of the calls, and have a form to narrow them: what else each is asked with."""
KEPT: Final = "keep."
"""What stands before the name of a parameter that is the view's own, so that it is none of the form's."""
LONGEST_OFFERED: Final = 200
"""Characters of a value that somebody may want to pick."""


class FindView(View):
    """`/find` and `/suggest`."""

    here = LIST

    def routes(self) -> Sequence[Route]:
        return [Route("/find", self._find), Route("/suggest", self._suggest)]

    async def _find(self, request: Request) -> Response:
        form = dict(request.query_params)
        view = form.pop("view", LIST)
        if view not in VIEWS:
            raise BadQuestion(f"view={view!r} is none that can be narrowed: use {', '.join(VIEWS)}", "view")
        kept = {name: value for name in VIEWS[view] if (value := form.pop(KEPT + name, None)) is not None}
        try:
            return RedirectResponse(_address(view, found_question(form), kept), HTTPStatus.SEE_OTHER)
        except BadQuestion:
            if not wants_html(request.headers):
                raise
        question, again = filled_in(form)
        return self._again(request, view, question, again, kept)

    def _again(
        self, request: Request, view: str, question: ListQuestion, form: FindForm, kept: Mapping[str, str]
    ) -> Response:
        """The form as it was filled in, and what is wrong with it, as on the page that it stands on."""
        if view == LIST:
            return not_understood(self, request, question, form)
        return self.page(
            "narrow_refused.html",
            request,
            HTTPStatus.BAD_REQUEST,
            here=view,
            path=view,
            title=dict(PLACES)[view],
            asked=question.asked,
            kept=kept,
            form=form,
            rest=_address(view, question, kept),
        )

    async def _suggest(self, request: Request) -> JSONResponse:
        """The names that calls have, or what the latest of them say under one."""
        name = request.query_params.get("name")
        if name is None:
            more = await run_in_threadpool(names_of, self._site.store)
            return JSONResponse([*NAMES, *(each for each in more if each not in NAMES)])
        if not 0 < len(name) <= LONGEST_CONDITION:
            raise BadQuestion(f"name must be that of an attribute, of 1 to {LONGEST_CONDITION} characters")
        values = await run_in_threadpool(values_of, self._site.store, name)
        return JSONResponse([value for value in values if len(value) <= LONGEST_OFFERED])


def _address(view: str, question: ListQuestion, kept: Mapping[str, str]) -> str:
    return question.address() if view == LIST else question.asked.address(view, **kept)
