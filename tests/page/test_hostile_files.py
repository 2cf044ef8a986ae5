"""Hostile telemetry in what leaves the page: no cell is a formula, no file runs or follows, no log is steered."""

from __future__ import annotations

import ast
import csv
import io
import json
import logging
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hostile import ELEMENT, ONE_LINE, RAN, TEXTS, steering_in
from playwright.sync_api import Browser

from firsttoken.analyse.asking import Answer, answered
from firsttoken.page.document.content import content
from firsttoken.page.document.gathering import gather
from firsttoken.page.document.html import html
from firsttoken.page.document.picture import png
from firsttoken.page.exports import EXPORTED, TABLES
from firsttoken.store import EVERYTHING, Store

from .everything import Everything
from .looking import made_of_text, open_and_settle, text_of
from .samples import NOON_NS
from .site import Site
from .visit import visiting

FORMULA = ("=", "+", "-", "@", "\t", "\r")
NAMES = sorted({*TABLES, *EXPORTED})
BY_MODEL = {"group_by": ["model"]}


@pytest.fixture(scope="module")
def site(full_site: tuple[Site, Everything]) -> Site:
    return full_site[0]


class Asked:
    """A store, as a command asks it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, answer: Answer[Any, Any], options: Any) -> Any:
        return answered(answer, self._store, options)


def exported(site: Site, name: str, form: str) -> bytes | None:
    """None for an answer that has to be asked for more than its calls."""
    for options in (f"?options={json.dumps(BY_MODEL, separators=(',', ':'))}", ""):
        with site.asking(f"/export/{name}.{form}{options}") as answer:
            body = answer.read()
            assert answer.status in (200, 400, 422), body[:300]
            if answer.status == 200 and b"hx-" in body:
                return body
    return None


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_an_export_is_a_formula(site: Site, name: str) -> None:
    body = exported(site, name, "csv")
    if body is None:
        return
    csv.field_size_limit(10**9)
    cells = [cell for row in csv.reader(io.StringIO(body.decode(), newline="")) for cell in row if "hx-" in cell]
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []


def test_formulas_reach_the_exports_of_calls_and_of_sums(site: Site) -> None:
    for name in ("calls", "cost", "latency", "errors"):
        assert f"\"'{TEXTS['formula'][:10]}".encode() in (exported(site, name, "csv") or b""), name


def test_parquet_has_every_text_as_it_was_sent(site: Site) -> None:
    body = exported(site, "calls", "parquet")
    assert body is not None
    assert set(TEXTS.values()) <= set(pq.read_table(io.BytesIO(body), columns=["model"])["model"].to_pylist())


@pytest.mark.parametrize(
    "name", ["x\r\nset-cookie: hx=1", "../../etc/passwd", "calls\x00", "calls%0d%0aX-Hx:1", ONE_LINE[:500]]
)
def test_the_name_of_a_file_is_never_taken_from_the_address(site: Site, name: str) -> None:
    from urllib.parse import quote

    answer = site.get(f"/export/{quote(name, safe='')}.csv")
    assert answer.status == 404
    assert not {"set-cookie", "x-hx", "content-disposition"} & {header.lower() for header in answer.headers}
    assert steering_in(answer.text) == set()


@pytest.mark.system
def test_a_report_to_hand_on_runs_and_follows_nothing(browser: Browser, site: Site, tmp_path: Path) -> None:
    made = content(gather(Asked(site.store), EVERYTHING, ("model", "user")), ONE_LINE, NOON_NS)
    file = tmp_path / "report.html"
    file.write_text(html(made), encoding="utf-8")
    with visiting(browser) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(f"a dialog: {dialog.message}"))
        open_and_settle(visit.page, file.as_uri())
        assert "hx-script <script>" in text_of(visit.page)
        assert visit.page.locator(f"{ELEMENT}, script, img").count() == 0
        assert [line for line in made_of_text(visit.page) if "style=" not in line] == []
        assert visit.complaints == []
        assert visit.hosts == {""}


def test_a_picture_is_made_of_any_text(site: Site) -> None:
    made = content(gather(Asked(site.store), EVERYTHING, ("model",)), ONE_LINE[:200], NOON_NS)
    assert png(made).startswith(b"\x89PNG")


def test_the_log_of_the_server_has_no_line_that_steers_a_terminal(
    site: Site, full_site: tuple[Site, Everything], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for address in ("/", f"/calls/{full_site[1].hostile}", "/api/answers/%1b%5b2J", "/api/calls?before=%1b%5b2J"):
            site.get(address)
    assert steering_in(caplog.text) == set()


def test_a_call_that_becomes_a_test_brings_no_code_of_its_own(full_site: tuple[Site, Everything]) -> None:
    site, everything = full_site
    module = site.get(f"/calls/{everything.hostile}/test").text
    tree = ast.parse(module)
    said = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert ONE_LINE in said
    assert not named & {RAN, "alert", "cmd", "SUM", "HYPERLINK", "config"}
    assert steering_in(module) == set()
