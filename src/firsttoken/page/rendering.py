"""Templates and what they may say. Everything is escaped: model names and error messages are strangers' text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import JsonValue
from starlette.responses import HTMLResponse

from firsttoken.analyse.answers import Totals
from firsttoken.call import Cost, Ledger
from firsttoken.page import error_wording, figures, wording
from firsttoken.page.bar import bar
from firsttoken.page.conversation import pretty, size
from firsttoken.semconv.context import short_name

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"


def render(name: str, **values: Any) -> str:
    """The text of one template."""
    return TEMPLATES.get_template(name).render(values)


def page(name: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """One template as the answer to a browser."""
    return HTMLResponse(render(name, **values), status_code)


def _is_priced(cost: Cost | None) -> bool:
    return isinstance(cost, Ledger)


def _known_tokens(totals: Totals, tokens: int) -> str:
    """A sum over calls that all kept silent about their usage is unknown, not zero."""
    silent = totals.calls > 0 and totals.calls_without_usage == totals.calls
    return figures.UNKNOWN if silent else figures.count(tokens)


def _attribute(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _offset(value_ns: int) -> str:
    """How long after the start of the call something was; a clock that disagrees may say before."""
    if value_ns < 0:
        return f"{figures.duration_ns(-value_ns)} before the start"
    return f"{figures.duration_ns(value_ns)} after the start"


WORDS: Final[dict[str, Callable[..., Any]]] = {
    "answer_kind": wording.answer_kind,
    "attempt_result": error_wording.attempt_result,
    "attribute": _attribute,
    "bar": bar,
    "category_meaning": error_wording.category_meaning,
    "category_word": error_wording.category_word,
    "clock": figures.clock,
    "count": figures.count,
    "day": figures.day,
    "duration": figures.duration_ns,
    "duration_s": figures.duration_s,
    "error_word": wording.error_word,
    "errors_by_category": error_wording.errors_by_category,
    "exact_money": figures.exact_money,
    "is_billed": wording.is_billed,
    "iso": figures.iso,
    "known_tokens": _known_tokens,
    "last_result": error_wording.last_result,
    "money": figures.money,
    "offset": _offset,
    "outcome_meaning": wording.OUTCOME_MEANINGS.__getitem__,
    "outcome_word": wording.OUTCOMES.__getitem__,
    "pretty": pretty,
    "rate": figures.rate,
    "share": figures.share,
    "size": size,
    "stage_meaning": error_wording.stage_meaning,
    "unpriced_meaning": wording.unpriced_meaning,
    "unpriced_word": wording.unpriced_word,
    "usage_unknown_meaning": wording.usage_unknown_meaning,
}


def _templates() -> Environment:
    environment: Any = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(WORDS)
    environment.globals["field_unknown"] = wording.FIELD_UNKNOWN
    environment.globals["short_name"] = short_name
    environment.tests["priced"] = _is_priced
    return environment


TEMPLATES: Final = _templates()
