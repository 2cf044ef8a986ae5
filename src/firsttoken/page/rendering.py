"""Templates and what they may say. All of it is escaped, and what hides in it is shown: much is strangers' text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, ParamSpec

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse

from firsttoken.analyse.asking import described
from firsttoken.call import Cost, Ledger
from firsttoken.page import error_wording, figures, wording
from firsttoken.page.bar import bar
from firsttoken.page.conversation import is_json, pretty, size
from firsttoken.page.exports import export_address, export_forms
from firsttoken.page.find_form import chips_of, narrowing_form
from firsttoken.page.long_text import AT_ONCE, BEGINNING, shown_value
from firsttoken.page.marks import at_least as at_least_of
from firsttoken.page.marks import of_group, with_value, within
from firsttoken.page.navigation import PLACES, jump_keys
from firsttoken.page.period import timeless
from firsttoken.page.question import Subject, address_of, compare_address, selection_parameters
from firsttoken.page.said import said_by_name
from firsttoken.page.waterfall import DEEPEST_LEVEL, KIND_WORDS, axis_of, branch_tokens
from firsttoken.semconv.context import short_name
from firsttoken.store import EVERYTHING
from firsttoken.unseen import readable

P = ParamSpec("P")

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"
MOST_RUNNING: Final = 20
"""Rows of calls that run; of more, their number is told."""
SO_FAR: Final = Markup("<!-- -->")
"""Where a template that takes a while hands over what it has."""


def wants_html(headers: Headers) -> bool:
    """Whether a browser asks for a page, and not a program for a line."""
    return "text/html" in headers.get("accept", "")


def render(name: str, **values: Any) -> str:
    """The text of one template."""
    return TEMPLATES.get_template(name).render(values)


def page(name: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """One template as the answer to a browser."""
    return HTMLResponse(render(name, **values), status_code)


def parts_of(name: str, **values: Any) -> Iterator[str]:
    """The text of one template as it comes: up to each `{{ so_far }}` without waiting for what follows."""
    written: list[str] = []
    for piece in TEMPLATES.get_template(name).generate(values, so_far=SO_FAR):
        if piece != SO_FAR:
            written.append(piece)
        elif written:
            yield "".join(written)
            written.clear()
    yield "".join(written)


def shown(value: object) -> object:
    """What a template says of any value. Markup was made of such values before."""
    return readable(value) if type(value) is str else value


def _exactly(value: object) -> Markup:
    """For the value of a form's field, which comes back as it was sent."""
    return escape(value)


def _is_priced(cost: Cost | None) -> bool:
    return isinstance(cost, Ledger)


def _with_minus(words: Callable[P, str]) -> Callable[P, str]:
    """With the sign that is as wide as a plus. Elsewhere a hyphen stands for it: not every terminal has the other."""

    def signed(*args: P.args, **kwargs: P.kwargs) -> str:
        said = words(*args, **kwargs)
        return figures.MINUS + said[1:] if said.startswith("-") else said

    return signed


def _ahead(unix_ns: int) -> str:
    """For example `3 hours ahead`, of what began in the future by the clock of this machine; else nothing."""
    ahead_ns = figures.ahead_ns(unix_ns, time.time_ns())
    return f"{figures.age(ahead_ns / 1e9)} ahead" if ahead_ns else ""


def _offset(value_ns: int) -> str:
    """How long after the start of the call something was; a clock that disagrees may say before."""
    if value_ns < 0:
        return f"{figures.duration_ns(-value_ns)} before the start"
    return f"{figures.duration_ns(value_ns)} after the start"


WORDS: Final[dict[str, Callable[..., Any]]] = {
    "address_of": address_of,
    "at_least_of": at_least_of,
    "described": described,
    "of_group": of_group,
    "whole_seconds": figures.whole_seconds,
    "with_value": with_value,
    "within": within,
    "attribute": shown_value,
    "age": figures.age,
    "ahead": _ahead,
    "answer_kind": wording.answer_kind,
    "axis_of": axis_of,
    "branch_tokens": branch_tokens,
    "counted": figures.counted,
    "attempt_result": error_wording.attempt_result,
    "bar": bar,
    "bill_line": wording.bill_line,
    "category_meaning": error_wording.category_meaning,
    "category_word": error_wording.category_word,
    "calls": figures.calls,
    "chunks_word": wording.chunks_word,
    "clock": figures.clock,
    "compare_address": compare_address,
    "count": figures.count,
    "day": figures.day,
    "duration": _with_minus(figures.duration_ns),
    "duration_s": _with_minus(figures.duration_s),
    "error_word": wording.error_word,
    "errors_by_category": error_wording.errors_by_category,
    "exact_money": _with_minus(figures.exact_money),
    "is_json": is_json,
    "is_billed": wording.is_billed,
    "export_address": export_address,
    "export_forms": export_forms,
    "iso": figures.iso,
    "lasting": figures.lasting_ns,
    "last_result": error_wording.last_result,
    "megabytes": figures.megabytes,
    "minute": figures.minute,
    "money": _with_minus(figures.money),
    "money_more": figures.money_more,
    "offset": _offset,
    "narrowing_form": narrowing_form,
    "chips_of": chips_of,
    "outcome_meaning": wording.OUTCOME_MEANINGS.__getitem__,
    "outcome_word": wording.OUTCOMES.__getitem__,
    "percent": figures.percent,
    "pretty": pretty,
    "rate": figures.rate,
    "seconds": figures.seconds,
    "said_by_name": said_by_name,
    "selection_parameters": selection_parameters,
    "share": figures.share,
    "size": size,
    "stage_meaning": error_wording.stage_meaning,
    "timeless": timeless,
    "unpriced_meaning": wording.unpriced_meaning,
    "unpriced_word": wording.unpriced_word,
    "usage_unknown_meaning": wording.usage_unknown_meaning,
}


def _templates() -> Environment:
    environment: Any = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(WORDS)
    environment.globals["places"] = PLACES
    environment.globals["jump_keys"] = jump_keys(PLACES)
    environment.globals["most_running"] = MOST_RUNNING
    environment.globals["field_unknown"] = wording.FIELD_UNKNOWN
    environment.globals["kind_words"] = KIND_WORDS
    environment.globals["deepest_level"] = DEEPEST_LEVEL
    environment.globals["everything"] = EVERYTHING
    environment.globals["anything"] = Subject()
    environment.globals["short_name"] = short_name
    environment.filters["exactly"] = _exactly
    environment.globals["at_once"] = AT_ONCE
    environment.globals["clocks_differ"] = wording.CLOCKS_DIFFER
    environment.globals["beginning"] = BEGINNING
    environment.tests["priced"] = _is_priced
    return environment


TEMPLATES: Final = _templates()
