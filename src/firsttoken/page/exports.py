"""What leaves a view as a file: whole rows as they are read, or the rows of an answer, for the calls of the view."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firsttoken.analyse.answer_json import json_line
from firsttoken.analyse.asking import AnyAnswer, answered
from firsttoken.analyse.budgets import BudgetOptions
from firsttoken.analyse.catalogue import ANSWERS
from firsttoken.analyse.exporting import ExportOptions, exported
from firsttoken.analyse.grouping import GROUPS
from firsttoken.analyse.newest_traces import TRACES
from firsttoken.analyse.options import Options
from firsttoken.errors import SettingsError
from firsttoken.page.attribute_rows import ATTRIBUTES
from firsttoken.page.budget_question import budgets_now
from firsttoken.page.cells import cells_of, csv_lines
from firsttoken.page.question import OPTIONS, address_of, read_options
from firsttoken.page.row_files import ROW_FILES, Form
from firsttoken.page.tabular import streamed
from firsttoken.page.timeline.chunks import CHUNKS
from firsttoken.store import LiveWarehouse, Selection
from firsttoken.store.transfer import TableName

TABLES: Final[tuple[TableName, ...]] = get_args(TableName)
OF_VIEWS: Final = (GROUPS, TRACES, CHUNKS, ATTRIBUTES)
"""Answers that only a view shows."""
EXPORTED: Final[Mapping[str, AnyAnswer]] = {**ANSWERS, **{answer.name: answer for answer in OF_VIEWS}}
MEDIA_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/jsonl",
    "json": "application/json",
}
TABLE_FORMS: Final[tuple[Form, ...]] = ("csv", "parquet", "jsonl")
ANSWER_FORMS: Final = ("csv", "parquet", "json")
FORM_NAMES: Final = {"csv": "CSV", "parquet": "Parquet", "jsonl": "JSON lines", "json": "JSON"}
NO_BUDGETS: Final = "This server has no budgets: start it with firsttoken serve --budgets FILE."


def export_address(name: str, form: str, selection: Selection, options: Mapping[str, object] | None = None) -> str:
    """Where the rows of a table, or of an answer that was asked like that, come as a file."""
    told = json.dumps(options, default=to_jsonable_python) if options else None
    return address_of(f"/export/{name}.{form}", selection, **{OPTIONS: told})


def export_forms(name: str) -> list[tuple[str, str]]:
    """How a table or an answer can leave: the ending of its name, and what that is called."""
    return [(form, FORM_NAMES[form]) for form in (TABLE_FORMS if name in TABLES else ANSWER_FORMS)]


class Exports:
    """`/export/NAME.FORM`: NAME is `calls`, `spans`, `logs`, or an answer."""

    def __init__(self, store: LiveWarehouse, budgets: Path | None) -> None:
        self._store = store
        self._budgets = budgets

    def routes(self) -> list[Route]:
        return [Route("/export/{name}.{form}", self._export)]

    async def _export(self, request: Request) -> Response:
        name, form = request.path_params["name"], request.path_params["form"]
        if name not in TABLES and name not in EXPORTED:
            known = ", ".join((*TABLES, *EXPORTED))
            raise HTTPException(404, f"There is nothing called {name} to export: use {known}.")
        if form not in dict(export_forms(name)):
            forms = ", ".join(f".{form}" for form, _ in export_forms(name))
            raise HTTPException(404, f"{name} cannot leave as .{form}: use {forms}.")
        headers = {"content-disposition": f'attachment; filename="{file_name(name, form)}"'}
        if name in TABLES:
            options = replace(read_options(ExportOptions, request.query_params), table=name)
            return await streamed(exported(self._store, options), ROW_FILES[form], MEDIA_TYPES[form], headers)
        answer = EXPORTED[name]
        asked = self._whole(read_options(answer.options, request.query_params))
        body = await run_in_threadpool(self._answered, answer, asked, form)
        return Response(body, media_type=MEDIA_TYPES[form], headers=headers)

    def _whole(self, options: Options) -> Options:
        """Budgets that nobody names are those of this server, and are looked at now."""
        if not isinstance(options, BudgetOptions):
            return options
        if options.budgets:
            return replace(options, now_unix_ns=options.now_unix_ns or time.time_ns())
        if self._budgets is None:
            raise HTTPException(422, NO_BUDGETS)
        try:
            now = budgets_now(self._budgets)
        except SettingsError as error:
            raise HTTPException(422, str(error)) from error
        warn = now.warn if options.warn is None else options.warn
        return replace(options, budgets=now.budgets, now_unix_ns=options.now_unix_ns or now.now_unix_ns, warn=warn)

    def _answered(self, answer: AnyAnswer, options: Options, form: str) -> bytes:
        return WRITTEN[form](answer, answered(answer, self._store, options))


def file_name(name: str, form: str) -> str:
    """With the moment, in UTC, so that one file does not stand for another."""
    return f"firsttoken-{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.{form}"


def _csv(answer: AnyAnswer, found: Any) -> bytes:
    del answer
    return "".join(csv_lines(cells_of(found))).encode()


def _parquet(answer: AnyAnswer, found: Any) -> bytes:
    del answer
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(cells_of(found).arrow(), sink)  # pyright: ignore[reportUnknownMemberType]
    return sink.getvalue().to_pybytes()


def _json(answer: AnyAnswer, found: Any) -> bytes:
    return json_line(TypeAdapter(answer.answer), found).encode()


WRITTEN: Final[Mapping[str, Callable[[AnyAnswer, Any], bytes]]] = {"csv": _csv, "parquet": _parquet, "json": _json}
