"""Every view as a picture: of the same calls, drawn in a process of its own, whatever its texts are."""

from __future__ import annotations

import asyncio
import html
import json
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import asdict, replace
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qsl
from urllib.request import urlopen

import pytest
from hostile import ONE_LINE, TEXTS, steering_in
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE_S
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

import firsttoken.page
from firsttoken.analyse import Health, find_call, recent_calls, report
from firsttoken.errors import ServerError
from firsttoken.page.call_page import call_page
from firsttoken.page.charts import CHARTS
from firsttoken.page.over_time import charts_of
from firsttoken.page.period import period_of
from firsttoken.page.pictures import colours
from firsttoken.page.pictures.child import PICTURE
from firsttoken.page.pictures.drawing import svg
from firsttoken.page.pictures.of_call import call_picture
from firsttoken.page.pictures.of_list import list_picture
from firsttoken.page.pictures.of_overview import CHARTS as OVERVIEW_CHARTS
from firsttoken.page.pictures.of_overview import overview_picture
from firsttoken.page.pictures.picture import Bar, Figure, Head, Key, Notes, Picture, Plot, Rows, Shape, Strip, Words
from firsttoken.page.pictures.studio import AT_ONCE, MOST_WAITING, Studio
from firsttoken.page.pictures.text_width import fitting, width_of
from firsttoken.page.question import Subject
from firsttoken.page.vega import Vega
from firsttoken.page.views import pictures
from firsttoken.page.views import view as views
from firsttoken.page.views.pictures import PicturesView
from firsttoken.pricing import PriceBook
from firsttoken.store import Store

from .everything import Everything
from .samples import EVERY_KIND, MS, NOON_NS, RATE_LIMITED, STREAMED
from .site import Site, ids, running_site
from .spenders import HOUR_NS, a_call
from .timed import add_timed, long_stream

PAGE_CSS = Path(firsttoken.page.__file__).parent / "static" / "page.css"
PNG = b"\x89PNG\r\n"
SVG = "{http://www.w3.org/2000/svg}"
MARK = re.compile(r'aria-label="[^"]*name: (\w+)[^"]*"[^>]* fill="(#\w+)"')
"""Of a chart: its name and its colour."""
BUDGETS = """
[[budget]]
name = "all"
limit = 20
window = "day"
"""
EVERY_PART = Picture(
    "A title",
    "about it",
    (Figure("Calls", "12", "of 13", is_bad=True),),
    (
        Strip("Phases", Bar((Shape(0.0, 0.5, "#123456", 0.4),)), (Key("#123456", "waiting"),), ("0", "1 s")),
        Plot("A chart", rules={"mark": "bar", "datasets": {"points": [{"a": 1.5, "b": None}]}}, is_wide=True),
        Rows("A table", (Head("a", "words"), Head(kind="bar")), ((Words("x", "y", "bad", 2, "#000000"), Bar(())),)),
        Notes("Some notes", (Words("one"), Words("two", tone="warn"))),
    ),
)


@pytest.fixture(scope="module")
def budgeted(cache_of_these_tests: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("budgets") / "budgets.toml"
    file.write_text(BUDGETS)
    with Store.open(None) as store, running_site(store, budgets=file) as site:
        site.add(*EVERY_KIND, run_id="r1")
        yield site


def drawn_at(site: Site, address: str) -> tuple[Message, bytes]:
    """A busy machine takes long to draw."""
    with urlopen(site.url + address, timeout=4 * PATIENCE_S) as answer:
        return answer.headers, answer.read()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/?model=gpt-5.1",
            "/?first=gap",
            "/?by=model",
            "/traces",
            "/overview",
            "/spend?by=model",
            "/budgets",
            "/health",
        ),
        *("/what-if?to=gpt-4o-mini", "/compare?a.model=gpt-5.1&b.model=claude-*"),
        *(f"/traces/{ids(STREAMED)[0]}", f"/calls/{'/'.join(ids(STREAMED))}"),
    ],
)
def test_the_menu_of_every_view_has_it_as_a_picture(budgeted: Site, path: str) -> None:
    found = re.search(r'href="(/picture/[^"]*)"', budgeted.get(path).text)
    assert found is not None
    address = html.unescape(found[1])
    asked = dict(parse_qsl(path.partition("?")[2]))
    assert asked.items() <= dict(parse_qsl(address.partition("?")[2])).items()
    headers, body = drawn_at(budgeted, address)
    assert (headers["content-type"], body[: len(PNG)]) == ("image/png", PNG)
    assert re.fullmatch(r'attachment; filename="firsttoken-[a-z-]+-\d{8}-\d{6}\.png"', headers["content-disposition"])


def picture_of(site: Site, address: str) -> Picture:
    """What is given to the process that draws."""
    studio = Studio((sys.executable, "-c", "import sys; sys.stdout.write(sys.stdin.read())"))
    view = PicturesView(views.Site(site.store, lambda: Health(1, 0, 0, 0, {}, {}, None), Vega(Path()), studio))
    return PICTURE.validate_json(TestClient(Starlette(routes=view.routes())).get(address).content)


def words_of(picture: Picture) -> list[str]:
    """All that can be read, the parts of a row with blanks between them."""
    lines = [f"{figure.name} {figure.value}" for figure in picture.figures]
    for part in picture.parts:
        if isinstance(part, Rows):
            lines += [part.title, part.note, " | ".join(head.name or " ".join(head.ticks) for head in part.heads)]
            lines += [" | ".join(cell.text for cell in row if isinstance(cell, Words)) for row in part.rows]
        elif isinstance(part, Notes):
            lines += [line.text for line in part.lines]
    return lines


@pytest.mark.parametrize(
    ("limit", "address", "note"),
    [
        ("MOST_GROUPS", "/picture/calls.png?by=model", "the group with the most calls first"),
        ("MOST_TRACES", "/picture/traces.png", "that with the newest call first"),
    ],
)
def test_a_picture_says_that_there_is_more_than_it_shows(
    site: Site, monkeypatch: pytest.MonkeyPatch, limit: str, address: str, note: str
) -> None:
    site.add(a_call(1, model="a"), a_call(2, model="b"))
    monkeypatch.setattr(pictures, limit, 2)
    assert note in words_of(picture_of(site, address))
    monkeypatch.setattr(pictures, limit, 1)
    picture = picture_of(site, address)
    assert f"{note}, 1 of more {limit[5:].lower()}" in words_of(picture)
    (table,) = picture.parts
    assert isinstance(table, Rows)
    assert len(table.rows) == 1


@pytest.mark.parametrize(
    ("first", "column", "figure"),
    [("gap", "Largest gap", "100\N{NO-BREAK SPACE}ms"), ("stalled", "Stalled", "7.00\N{NO-BREAK SPACE}s")],
)
def test_the_picture_of_a_list_has_the_figure_that_it_is_ordered_by(
    site: Site, first: str, column: str, figure: str
) -> None:
    call = a_call(1)
    stalled = replace(call.timing, stall_count=1, stalled_ns=7_000 * MS, first_stall_ns=450 * MS)
    site.add(replace(call, timing=stalled))
    (table,) = picture_of(site, f"/picture/calls.png?first={first}").parts
    assert isinstance(table, Rows)
    (row,) = table.rows
    cell = row[[head.name for head in table.heads].index(column)]
    assert isinstance(cell, Words)
    assert cell.text == figure


def test_the_picture_of_spend_counts_every_call_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_REASONS", 1)
    site.add(a_call(1), *(a_call(number, model=f"m{number}", cost=None) for number in (2, 3)), RATE_LIMITED)
    found = words_of(picture_of(site, "/picture/spend.png?by=model"))
    assert {"Without a price 2 calls", "Not billed 1 call", "1 more |  |  | 1"} <= {*found}


def test_the_picture_of_what_if_counts_every_call_once_and_names_who_else_has_the_model(site: Site) -> None:
    site.add(a_call(1, model="gpt-4o"), RATE_LIMITED)
    found = words_of(picture_of(site, "/picture/what-if.png?to=claude-haiku-4-5"))
    assert [line.rpartition(" | ")[2] for line in found if line.startswith(("Model", "all"))] == ["Not billed", "1"]
    (line,) = (line for line in found if line.startswith("Not compared"))
    assert "anthropic/claude-haiku-4-5" in line


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("calls.png?first=shortest", 400, "is no order"),
        ("calls.png?by=nothing", 422, "'nothing'"),
        ("spend.png?sort=colour", 400, "is no order"),
        ("what-if.png", 400, "nothing would be otherwise"),
        ("compare.png?a.model=x&b.model=x", 400, "the same calls"),
        ("budgets.png", 422, "start it with firsttoken serve --budgets FILE"),
        (f"traces/{'0' * 32}.png", 404, "There is no trace"),
        (f"calls/{'0' * 32}/{'0' * 16}.png", 404, "There is no call"),
        ("nothing.png", 404, "nothing at"),
    ],
)
def test_what_cannot_be_drawn_is_said(shared_site: Site, path: str, status: int, words: str) -> None:
    answer = shared_site.get(f"/picture/{path}")
    assert (answer.status, words in answer.text) == (status, True), answer.text


def test_the_colours_of_pictures_are_those_of_the_page_where_it_is_light() -> None:
    light = PAGE_CSS.read_text(encoding="utf-8").partition("@media")[0]
    page = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light))
    told = {name.lower().replace("_", "-"): value for name, value in vars(colours).items() if isinstance(value, str)}
    lists = {"series": colours.SERIES, "tone": colours.TONES, "heat": colours.HEAT}
    listed = {f"{kind}-{number}": each for kind, some in lists.items() for number, each in enumerate(some, 1)}
    ours = {name: value for name, value in (told | listed).items() if value.startswith("#")}
    assert len(ours) > 30
    assert ours == {name: page[name] for name in ours}


def test_hostile_text_is_text_in_a_picture_and_hides_nothing(full_site: tuple[Site, Everything]) -> None:
    store = full_site[0].store
    drawn = svg(list_picture(recent_calls(store), report(store), "newest"))
    assert steering_in(drawn) == set()
    elements = ET.fromstring(drawn).iter()  # noqa: S314  made here
    assert {element.tag.removeprefix(SVG) for element in elements} == {"svg", "rect", "text", "path"}
    assert r"\u202e" in drawn


@pytest.mark.parametrize("view", ["calls", "call", "trace"])
def test_a_picture_is_drawn_of_any_text(full_site: tuple[Site, Everything], view: str) -> None:
    site, everything = full_site
    paths = {
        "calls": "/picture/calls.png?limit=1000",
        "call": f"/picture/calls/{everything.hostile}.png",
        "trace": f"/picture/traces/{everything.hostile.partition('/')[0]}.png",
    }
    assert drawn_at(site, paths[view])[1].startswith(PNG)


def test_a_chart_is_drawn_of_names_of_any_text() -> None:
    points = [{"name": text[:60], "value": number} for number, text in enumerate(TEXTS.values())]
    rules = {
        "mark": "bar",
        "data": {"values": points},
        "encoding": {"y": {"field": "name", "type": "nominal"}, "x": {"field": "value", "type": "quantitative"}},
    }
    picture = Picture(ONE_LINE, ONE_LINE, (), (Plot(ONE_LINE, ONE_LINE, rules),))
    assert asyncio.run(Studio().png(lambda: picture)).startswith(PNG)


def test_the_process_that_draws_gets_the_picture_as_it_is() -> None:
    assert PICTURE.validate_json(json.dumps(asdict(EVERY_PART))) == EVERY_PART


def test_a_chart_of_a_long_stream_has_no_more_marks_than_can_be_seen(site: Site) -> None:
    call = long_stream(100_000, 60_000, 14_000_000_000)
    add_timed(site, call)
    detail = find_call(site.store, *ids(call))
    assert detail is not None
    rules = {name: json.loads(CHARTS[name]()) for name in ("rate", "waits")}
    picture = call_picture(detail, call_page(detail, PriceBook()), rules)
    points = [part.rules["datasets"] for part in picture.parts if isinstance(part, Plot)]
    sizes = [len(each["points"]) for each in points if isinstance(each, dict) and isinstance(each["points"], list)]
    assert len(sizes) == 2
    assert max(sizes) < 1_000
    assert '"waited_ms": 14000.0' in json.dumps(points)


def test_a_model_has_one_colour_in_all_charts_of_the_picture_of_the_overview(site: Site) -> None:
    site.add(a_call(1, model="early"), a_call(2, model="late", failed=True))
    period = period_of(site.store, Subject.read({}), NOON_NS + HOUR_NS)
    with site.store.read() as reader:
        drawn = charts_of(reader, period.bounded)
    rules = {name: json.loads(CHARTS[name]()) for name in {chart for chart, _, _ in OVERVIEW_CHARTS.values()}}
    picture = overview_picture(period, (), drawn, rules, ())
    found = {
        part.title: dict(MARK.findall(svg(replace(picture, parts=(part,)))))
        for part in picture.parts
        if isinstance(part, Plot) and part.title.endswith("by model")
    }
    both = {"early": colours.SERIES[0], "late": colours.SERIES[1]}
    assert found == {"Tokens by model": both, "Cost by model": both, "Errors by model": {"late": both["late"]}}


def test_without_what_draws_it_is_said_what_to_install() -> None:
    code = "import sys; sys.modules['vl_convert'] = None; from firsttoken.page.pictures import child; child.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps(asdict(EVERY_PART)).encode(), capture_output=True, check=False
    )
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "pictures need vl-convert-python, which is not installed: pip install 'firsttoken[local]'"
    ]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("print('no room', file=sys.stderr); sys.exit(3)", "could not be drawn: no room"),
        ("import os; os.abort()", "could not be drawn: exit code -6"),
        ("import time; time.sleep(60)", "not drawn within 0.5 seconds"),
    ],
)
def test_a_process_that_fails_to_draw_is_told_of_in_one_line(code: str, words: str) -> None:
    studio = Studio(
        (sys.executable, "-c", f"import sys; sys.stdin.read(); {code}"), longest_s=0.5 if "time" in code else 60
    )
    with pytest.raises(ServerError, match=re.escape(words)):
        asyncio.run(studio.png(lambda: EVERY_PART))


def test_of_many_pictures_a_few_are_made_at_once_some_wait_and_the_rest_are_refused() -> None:
    studio = Studio((sys.executable, "-c", "import sys; sys.stdin.read(); print(end='drawn')"))
    begun, go_on = threading.Semaphore(0), threading.Event()
    made: list[Picture] = []

    def make() -> Picture:
        made.append(EVERY_PART)
        begun.release()
        assert go_on.wait(PATIENCE_S)
        return EVERY_PART

    async def ask() -> list[bytes]:
        asking = [asyncio.create_task(studio.png(make)) for _ in range(AT_ONCE + MOST_WAITING)]
        for _ in range(AT_ONCE):
            assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE_S)
        with pytest.raises(HTTPException, match="are being made already") as refused:
            await studio.png(make)
        assert (refused.value.status_code, refused.value.headers) == (503, {"retry-after": "10"})
        assert len(made) == AT_ONCE
        go_on.set()
        return [*await asyncio.gather(*asking), await studio.png(make)]

    assert asyncio.run(ask()) == [b"drawn"] * (AT_ONCE + MOST_WAITING + 1)


@given(st.text(max_size=80), st.floats(20, 400))
def test_what_fits_is_no_wider_than_its_room(text: str, room: float) -> None:
    cut = fitting(text, 12.0, room)
    assert cut == text or width_of(cut[:-1], 12.0) <= room
    assert cut == text or cut.endswith("…")
