"""What a view shows leaves it as a file: of the same calls, whole, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import html
import http.client
import io
import json
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest

from firsttoken.analyse.listing import CallsOptions, calls
from firsttoken.call import Call, Usage
from firsttoken.page.cells import columns_of
from firsttoken.page.exports import EXPORTED, export_address, export_forms
from firsttoken.page.rendering import TEMPLATES
from firsttoken.store import Selection, transfer

from .samples import EVERY_KIND, MS, PRICED, STREAMED, WHOLE, later
from .site import Site, ids
from .timed import add_timed, timed

FORMULA = '=HYPERLINK("http://evil.example")'
GPT = Selection(models=("gpt-5.1",))
MANY = 45_000
"""More than two batches."""


def body_of(site: Site, path: str) -> tuple[http.client.HTTPMessage, bytes]:
    with site.asking(path) as answer:
        assert answer.status == 200, answer.read()
        return answer.headers, answer.read()


def the_address_of(site: Site, page: str, form: str = "csv", name: str = "") -> str:
    """Of the first such file in the menu of a page."""
    found = re.search(rf'href="(/export/{name or "[a-z-]+"}\.{form}[^"]*)"', site.get(page).text)
    assert found is not None
    return html.unescape(found[1])


def the_csv_of(site: Site, page: str, name: str = "") -> bytes:
    return body_of(site, the_address_of(site, page, name=name))[1]


def is_openai(call: Call) -> bool:
    return call.request.provider == "openai"


def cells(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_calls_leave_whole_and_are_those_of_the_view(shared_site: Site, form: str) -> None:
    headers, body = body_of(shared_site, export_address("calls", form, GPT))
    match form:
        case "csv":
            models = [row["model"] for row in cells(body)]
        case "parquet":
            models = pq.read_table(io.BytesIO(body)).column("model").to_pylist()
        case _:
            models = [json.loads(line)["model"] for line in body.splitlines()]
    assert set(models) == {"gpt-5.1"}
    assert len(models) == sum(call.request.model == "gpt-5.1" for call in EVERY_KIND)
    name = re.fullmatch(r'attachment; filename="(.*)"', headers["content-disposition"] or "")
    assert name is not None
    assert re.fullmatch(rf"firsttoken-calls-\d{{8}}-\d{{6}}\.{form}", name[1])


def test_many_calls_are_sent_as_they_are_read(site: Site) -> None:
    site.add(*(later(STREAMED, number) for number in range(MANY)))
    _, body = body_of(site, "/export/calls.parquet")
    table = pq.read_table(io.BytesIO(body))
    assert table.num_rows == MANY
    assert pq.ParquetFile(io.BytesIO(body)).num_row_groups > 2


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_the_rows_of_an_answer_leave_as_they_were_asked_for(shared_site: Site, form: str) -> None:
    address = export_address("latency", form, GPT, {"group_by": ["model"]})
    _, body = body_of(shared_site, address)
    match form:
        case "csv":
            groups = [row["model"] for row in cells(body)]
        case "parquet":
            groups = pq.read_table(io.BytesIO(body)).column("model").to_pylist()
        case _:
            groups = [row["group"][0] for row in json.loads(body)["rows"]]
    assert groups == ["gpt-5.1"]


def test_a_list_in_order_leaves_in_that_order(shared_site: Site) -> None:
    with shared_site.store.read() as reader:
        listed = calls(reader, CallsOptions(first="slowest", limit=100)).rows
    left = cells(the_csv_of(shared_site, "/?first=slowest"))
    assert [(row["trace_id"], row["span_id"]) for row in left] == [(row.trace_id, row.span_id) for row in listed]
    assert len(listed) > 5


def test_the_costliest_leave_one_currency_after_the_other_and_none_without_a_price(site: Site) -> None:
    euros = (replace(PRICED, currency="EUR", output=Decimal(amount)) for amount in (1, 3))
    for number, cost in enumerate((PRICED, *euros, None)):
        site.add(replace(later(STREAMED, number), cost=cost))
    rows = cells(the_csv_of(site, "/?first=costliest"))
    assert [(row["cost_currency"], row["cost_output"][:1]) for row in rows] == [
        ("EUR", "3"),
        ("EUR", "1"),
        ("USD", "0"),
    ]


def test_the_costliest_of_no_currency_keep_those_of_another_out(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MOST_IN_ORDER", 2)
    for number, cost in enumerate(replace(PRICED, currency=each) for each in ("EUR", "USD") for _ in range(3)):
        site.add(replace(later(STREAMED, number), cost=cost))
    rows = cells(the_csv_of(site, "/?first=costliest"))
    assert [row["cost_currency"] for row in rows] == ["EUR", "EUR", "USD", "USD"]
    assert len(cells(the_csv_of(site, "/?first=slowest"))) == 2


def test_those_that_stalled_most_are_streams_that_stalled(site: Site) -> None:
    stalled = (replace(STREAMED.timing, stall_count=1, stalled_ns=ns, first_stall_ns=5) for ns in (7, 9))
    site.add(later(STREAMED, 1), *(replace(STREAMED, timing=timing) for timing in stalled))
    assert [row["stalled_ns"] for row in cells(the_csv_of(site, "/?first=stalled"))] == ["9", "7"]


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_a_list_in_groups_leaves_as_its_groups(shared_site: Site, form: str) -> None:
    _, body = body_of(shared_site, the_address_of(shared_site, "/?by=model&where.provider=openai", form))
    match form:
        case "csv":
            found = [(row["model"], int(row["calls"])) for row in cells(body)]
        case "parquet":
            found = [(row["model"], row["calls"]) for row in pq.read_table(io.BytesIO(body)).to_pylist()]
        case _:
            found = [(row["group"][0], row["calls"]) for row in json.loads(body)["rows"]]
    models = Counter(call.request.model or call.response.model for call in EVERY_KIND if is_openai(call))
    assert dict(found) == models
    assert [calls for _, calls in found] == sorted(models.values(), reverse=True)


@pytest.mark.parametrize(
    "path", ["errors{}?where.outcome=completed", "health{}", "groups{}?options=%7B%22group_by%22:[%22user%22]%7D"]
)
def test_an_answer_without_rows_has_its_columns_all_the_same(site: Site, shared_site: Site, path: str) -> None:
    asked = shared_site if "outcome" in path else site
    (head,) = csv.reader(io.StringIO(body_of(asked, "/export/" + path.format(".csv"))[1].decode()))
    table = pq.read_table(io.BytesIO(body_of(asked, "/export/" + path.format(".parquet"))[1]))
    assert (table.column_names, table.num_rows) == (head, 0)
    assert "calls" in head


@pytest.mark.parametrize("name", EXPORTED)
def test_the_columns_of_every_answer_are_known_without_a_row(name: str) -> None:
    assert len(columns_of(EXPORTED[name].answer)) > 2


def test_columns_of_parquet_have_their_types_where_no_value_is_known(shared_site: Site) -> None:
    _, body = body_of(shared_site, "/export/latency.parquet?where.outcome=timed_out")
    schema = pq.read_schema(io.BytesIO(body))
    assert {str(schema.field(name).type) for name in ("first_token.p50_s", "headers.p50_s")} == {"double"}


@pytest.mark.parametrize("name", ["groups", "report", "cost"])
def test_sums_beyond_what_64_bits_hold_leave_as_parquet(site: Site, name: str) -> None:
    huge = replace(STREAMED, usage=Usage(input_tokens=2**62, output_tokens=1))
    site.add(*(later(huge, number) for number in range(3)))
    options = {"options": '{"group_by": ["model"]}'}
    _, body = body_of(site, f"/export/{name}.parquet?{urlencode(options)}")
    (row,) = pq.read_table(io.BytesIO(body)).to_pylist()
    assert (row["input_tokens"], row["output_tokens"]) == (3 * 2**62, 3)


def test_chunks_attributes_and_bill_of_a_call_leave_its_page(site: Site) -> None:
    call = timed(("Once ", "upon ", "a time"), (400 * MS, 20 * MS, 9_000 * MS))
    add_timed(site, call)
    page = "/calls/" + "/".join(ids(call))
    chunks = cells(the_csv_of(site, page, "chunks"))
    assert [row["number"] for row in chunks] == ["1", "2", "3"]
    assert [float(row["waited_s"]) for row in chunks] == pytest.approx([0.4, 0.02, 9.0], abs=1e-5)
    assert [row["characters"] for row in chunks] == ["5", "5", "6"]
    assert (float(chunks[-1]["arrived_s"]), chunks[-1]["text"]) == (pytest.approx(9.42, abs=1e-5), "a time")
    said = {row["name"]: row["value"] for row in cells(the_csv_of(site, page, "attributes"))}
    assert (said["gen_ai.request.model"], said["host.name"]) == ("gpt-5.1", "desk")
    bill = cells(the_csv_of(site, page, "ledger"))
    assert sum(Decimal(row["amount"]) for row in bill) == PRICED.total
    (whole,) = cells(the_csv_of(site, page))
    assert (whole["trace_id"], whole["span_id"]) == ids(call)


def test_traces_leave_with_what_each_came_to(shared_site: Site) -> None:
    rows = cells(the_csv_of(shared_site, "/traces?model=gpt-5.1"))
    wanted = [call for call in EVERY_KIND if call.request.model == "gpt-5.1"]
    assert sorted(row["trace_id"] for row in rows) == sorted(ids(call)[0] for call in wanted)
    assert [row["latest_unix_ns"] for row in rows] == sorted((row["latest_unix_ns"] for row in rows), reverse=True)
    assert {Decimal(row["cost.USD"] or "NaN") for row in rows} >= {PRICED.total}


def test_a_call_without_a_timeline_offers_no_chunks(shared_site: Site) -> None:
    page = "/calls/" + "/".join(ids(WHOLE))
    assert "/export/chunks" not in shared_site.get(page).text
    options = json.dumps(dict(zip(("trace_id", "span_id"), ids(WHOLE), strict=True)))
    answer = shared_site.get("/export/chunks.csv?" + urlencode({"options": options}))
    assert (answer.status, "no timeline was recorded" in answer.text) == (422, True)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_of_a_call_is_a_formula_and_numbers_stay_numbers(site: Site, start: str) -> None:
    model = start + FORMULA[1:]
    site.add(replace(STREAMED, request=replace(STREAMED.request, model=model, provider=model)))
    for name in ("calls", "report"):
        (row,) = cells(body_of(site, f"/export/{name}.csv")[1])
        assert row["model"] == f"'{model}"
        assert row["input_tokens"] == "1532"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/export/nothing.csv", 404, "nothing called nothing"),
        ("/export/calls.xlsx", 404, "calls cannot leave as .xlsx: use .csv, .parquet, .jsonl"),
        ("/export/latency.jsonl", 404, "use .csv, .parquet, .json"),
        ("/export/calls.csv?colour=red", 400, "no parameter 'colour'"),
        ("/export/calls.csv?model=none", 422, "has no calls of model none"),
        ("/export/latency.csv?" + urlencode({"options": "{"}), 400, "options: "),
        ("/export/latency.csv?" + urlencode({"options": "[]"}), 400, "options must be a JSON object"),
        ("/export/latency.csv?" + urlencode({"options": '{"colour": 1}'}), 400, "colour"),
        ("/export/latency.csv?" + urlencode({"options": '{"group_by": ["nothing"]}'}), 422, "'nothing'"),
        ("/export/latency.csv?model=a&" + urlencode({"options": '{"selection": {}}'}), 400, "told twice"),
        ("/export/latency.csv?" + urlencode({"options": "[" * 10_000}), 400, "options: "),
        ("/export/calls.csv?" + urlencode({"options": '{"first": "shortest"}'}), 400, "first: "),
        ("/export/spans.csv?" + urlencode({"options": '{"first": "slowest"}'}), 422, "spans have no order"),
        ("/export/groups.csv", 422, "by one attribute"),
        ("/export/budgets.csv", 422, "no budgets: start it with firsttoken serve --budgets FILE"),
        ("/export/chunks.csv", 400, "trace_id: "),
        ("/export/attributes.csv?" + urlencode({"options": '{"trace_id": "a", "span_id": "b"}'}), 422, "no call b"),
    ],
)
def test_what_cannot_be_exported_is_said_before_anything_is_sent(
    shared_site: Site, path: str, status: int, words: str
) -> None:
    answer = shared_site.get(path)
    assert (answer.status, words in answer.text) == (status, True), answer.text


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/?model=gpt-5.1",
            "/?by=model",
            "/?first=gap",
            "/overview",
            "/spend?by=model",
            "/compare?a.model=gpt-5.1&b.model=claude-*",
        ),
        *("/what-if?to=gpt-4o-mini,gpt-4o", "/health", "/traces"),
    ],
)
def test_every_address_in_the_menu_of_a_view_gives_a_file(shared_site: Site, path: str) -> None:
    page = shared_site.get(path)
    assert page.status == 200
    addresses = [html.unescape(found) for found in re.findall(r'href="(/export/[^"]*)"', page.text)]
    assert len(addresses) == 3
    for address in addresses:
        headers, body = body_of(shared_site, address)
        assert "attachment" in (headers["content-disposition"] or "")
        assert body


def test_the_menu_of_a_view_has_an_address_for_each_form_and_a_button_for_each_chart() -> None:
    menu = TEMPLATES.get_template("export.html").module.export_menu(
        Selection(models=('gpt"<5',)), "latency", {"group_by": ["model"]}, {"chart": "First <token>"}
    )
    addresses = re.findall(r'href="([^"]*)"', menu)
    assert [address.partition("?")[0] for address in addresses] == [
        f"/export/latency.{form}" for form, _ in export_forms("latency")
    ]
    assert all("model=gpt%22%3C5" in address for address in addresses)
    assert 'data-picture-of="chart" data-title="First &lt;token&gt;"' in menu
