"""The list where what was asked for cannot be looked for: the form as it was filled in, and why not."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from firsttoken.errors import SelectionError, UnknownAttributeError
from firsttoken.page.chips import chips
from firsttoken.page.find_form import OFFERED, FindForm, find_form
from firsttoken.page.list_question import ListQuestion
from firsttoken.page.mistakes import said_of
from firsttoken.page.views.view import View

REFUSED: Final = "refused.html"


def not_understood(view: View, request: Request, rest: ListQuestion, form: FindForm) -> HTMLResponse:
    """`rest` is asked for without what cannot be understood."""
    shown = _form(rest, form)
    messages = form.mistakes_of()
    return view.page(REFUSED, request, HTTPStatus.BAD_REQUEST, messages=messages, rest=rest.address(), **shown)


def not_selectable(view: View, request: Request, question: ListQuestion, error: SelectionError) -> HTMLResponse:
    """The store does not know what it is asked for."""
    form, rest, message = find_form(question), None, said_of(error)
    if isinstance(error, UnknownAttributeError) and error.name == question.by:
        form = replace(form, mistakes={"by": message})
        rest = question.without("by").address()
    shown = _form(question, form)
    return view.page(REFUSED, request, HTTPStatus.UNPROCESSABLE_ENTITY, messages=[message], rest=rest, **shown)


def _form(question: ListQuestion, form: FindForm) -> dict[str, Any]:
    return {"question": question, "chips": chips(question), "form": form, "offered": OFFERED}
