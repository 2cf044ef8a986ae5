"""What was said in many rows is stored once, and every row has all of it when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic_core import to_json

from firsttoken.call import Response, Timing
from firsttoken.errors import SelectionError
from firsttoken.store import Batch, CallRecord, JsonText, Selection, Store
from firsttoken.store import contents as contents_module
from firsttoken.store.retention import Keeper, Limits, remove_before
from firsttoken.store.room import measured

from .samples import ORIGIN, SMALLEST_CALL, call_record, ids, log_record, span_record

INPUT = "gen_ai.input.messages"
SYSTEM = "gen_ai.system_instructions"
PROMPT = "".join(f"Rule {number}: be brief, and never say {number * 7919 % 10007}. " for number in range(1300))


def json_text(value: object) -> JsonText:
    return JsonText(to_json(value).decode())


def message(text: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def said(number: int) -> str:
    """A text of its own that is long enough to be stored apart."""
    return f"{number} " * 200


def call_saying(*messages: Mapping[str, Any], started_unix_ns: int = 1) -> CallRecord:
    call = replace(SMALLEST_CALL, timing=Timing(started_unix_ns, 0))
    return replace(call_record(call), attributes=json_text({INPUT: json_text(messages)}))


def write(store: Store, *calls: CallRecord) -> None:
    store.write(Batch(calls=calls)).result(30)


def attributes_of(store: Store, record: CallRecord) -> object:
    with store.read() as reader:
        (row,) = reader.ask("find_call", {"trace_id": record.trace_id, "span_id": record.span_id})
    assert contents_module.CUT_OUT not in row
    return row["attributes"]


def stored(store: Store, question: str = "SELECT text FROM contents") -> list[Any]:
    return store.perform(lambda cursor: [row[0] for row in cursor.execute(question).fetchall()]).result(30)


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as store:
        yield store


def test_the_same_system_prompt_of_a_thousand_calls_is_stored_once(store: Store, path: Path) -> None:
    assert len(PROMPT) > 50_000
    said_first = json_text({SYSTEM: json_text([{"type": "text", "content": PROMPT}])})
    records = [replace(call_record(), attributes=said_first) for _ in range(1000)]
    for first in range(0, 1000, 250):
        write(store, *records[first : first + 250])
    assert [json.loads(text)["content"] for text in stored(store)] == [PROMPT]
    assert all(attributes_of(store, record) == said_first for record in records[::333])
    store.close()
    assert path.stat().st_size < 3_000_000


def test_a_conversation_that_grows_stores_each_message_once(store: Store) -> None:
    messages = [message(said(number)) for number in range(30)]
    records = [call_saying(*messages[: length + 1]) for length in range(30)]
    for record in records:
        write(store, record)
    assert sorted(stored(store)) == sorted(json_text(each) for each in messages)
    assert [attributes_of(store, record) for record in records] == [record.attributes for record in records]


def test_nothing_is_kept_apart_of_rows_in_which_nothing_long_was_said(store: Store) -> None:
    write(store, call_saying(message("hello")), replace(call_record(), attributes=json_text({"note": PROMPT})))
    assert stored(store) == []
    assert stored(store, "SELECT count(cut_out) FROM calls") == [0]


def hostile_records() -> Sequence[CallRecord]:
    known = json_text(message(said(1)))
    digest = contents_module.cut_text(json_text({INPUT: known}), contents_module.messages_in)[1]
    looks = [
        {INPUT: "[{}]"},
        {INPUT: [{}]},
        {INPUT: '""'},
        {"cut_out": [{"part": "attributes", "place": 2, "digest": str(digest), "quoted": True}]},
        {INPUT: json_text([{}, message(said(1)), {}]), "cut_out": str(digest)},
        {INPUT: f'"{{}}" {said(1)}', "note": f'"{INPUT}":"[{{}}]"'},
    ]
    return [replace(call_record(), attributes=json_text(look)) for look in looks]


def test_what_looks_like_a_reference_comes_back_as_it_was_sent(store: Store) -> None:
    records = hostile_records()
    write(store, call_saying(message(said(1))), *records)
    assert [attributes_of(store, record) for record in records] == [record.attributes for record in records]


def test_a_writer_that_has_forgotten_finds_what_is_stored(path: Path) -> None:
    for _ in range(3):
        with Store.open(path) as store:
            write(store, call_saying(message(said(1)), message(said(2))))
            assert len(stored(store)) == 2


def test_a_writer_remembers_the_latest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "REMEMBERED", 2)
    known = contents_module.Contents()
    known.remember(["a", "b"])
    known.remember(["a", "c"])
    assert list(known._stored) == ["a", "c"]


def test_a_transaction_that_fails_leaves_neither_rows_nor_texts_nor_memory_of_them(store: Store) -> None:
    good = call_saying(message(said(1)))
    broken = replace(call_saying(message(said(1))), events=JsonText("no JSON"))
    assert store.write(Batch(calls=(good, broken))).exception(10) is not None
    write(store, good)
    assert len(stored(store)) == 1
    assert attributes_of(store, good) == good.attributes


def test_spans_and_log_records_share_the_texts_of_calls(store: Store) -> None:
    spoken = json_text({INPUT: [message(said(1))]})
    details = json_text([{"name": "details", "time_unix_ns": 1, "attributes": {INPUT: [message(said(1))]}}])
    call = replace(call_saying(message(said(1))), events=details)
    log = replace(
        log_record("d", 0, attributes=spoken),
        trace_id=call.trace_id,
        span_id=call.span_id,
        body=json_text({"request": {"instructions": PROMPT}}),
    )
    span = replace(span_record(), attributes=spoken, events=details)
    store.write(Batch((call,), (span,), (log,))).result(30)
    assert sorted(map(len, stored(store))) == sorted([len(json_text(message(said(1)))), len(json_text(PROMPT))])
    with store.read() as reader:
        (found,) = reader.ask("logs_of_span", {"trace_id": call.trace_id, "span_id": call.span_id})
        (row,) = reader.table(["events", "trace_id"]).to_pylist()
        (stored_span,) = [row for batch in reader.batches("spans") for row in batch.to_pylist()]
    assert (found["attributes"], found["body"]) == (log.attributes, log.body)
    assert row == {"events": details, "trace_id": call.trace_id}
    assert (stored_span["attributes"], stored_span["events"]) == (spoken, details)


def test_what_leaves_a_store_is_whole_and_goes_into_another(store: Store) -> None:
    records = [call_saying(message(said(1)), message(said(number)), started_unix_ns=number) for number in range(1, 50)]
    write(store, *records, call_record())
    selected = Selection(since_unix_ns=10, until_unix_ns=12)
    with store.read() as reader:
        rows = [row for batch in reader.batches("calls") for row in batch.to_pylist()]
        some = [row for batch in reader.batches("calls", selected) for row in batch.to_pylist()]
        assert list(reader.batches("logs")) == []
        tables = list(reader.batches("calls"))
    assert {row["span_id"]: row["attributes"] for row in rows if row["attributes"] != "{}"} == {
        record.span_id: record.attributes for record in records
    }
    assert sorted(row["attributes"] for row in some) == sorted(record.attributes for record in records[9:11])
    with Store.open(None) as other:
        for batch in tables:
            other.write_rows({"calls": pa.Table.from_batches([batch])}).result(30)
        assert len(stored(other)) == 49
        assert attributes_of(other, records[7]) == records[7].attributes


def test_a_call_that_becomes_a_span_keeps_what_was_said(store: Store) -> None:
    outer = call_saying(message(said(1)))
    answered = replace(outer.call, response=Response(id="answer-1"))
    outer = replace(outer, call=answered, origin=replace(ORIGIN, scope="other"))
    write(store, outer)
    write(store, call_record(answered))
    (attributes,) = stored(store, "SELECT attributes FROM spans WHERE cut_out IS NOT NULL")
    assert said(1) not in attributes
    with store.read() as reader:
        (row,) = [row for batch in reader.batches("spans") for row in batch.to_pylist()]
    assert json.loads(row["attributes"])[INPUT] == json_text([message(said(1))])
    assert len(stored(store)) == 1


def test_texts_go_with_the_last_row_that_has_them(store: Store) -> None:
    old = call_saying(message(said(1)), message(said(2)), started_unix_ns=10)
    young = call_saying(message(said(2)), started_unix_ns=1000)
    log = replace(
        log_record("d", 0, attributes=json_text({INPUT: [message(said(3))]})), time_unix_ns=1000, trace_id=ids()[0]
    )
    store.write(Batch(calls=(old, young), logs=(log,))).result(30)
    store.perform(lambda cursor: remove_before(cursor, 500)).result(30)
    assert sorted(stored(store)) == sorted(json_text(message(said(number))) for number in (2, 3))
    assert attributes_of(store, young) == young.attributes
    again = call_saying(message(said(1)), started_unix_ns=2000)
    write(store, again)
    assert attributes_of(store, again) == again.attributes
    store.perform(lambda cursor: remove_before(cursor, 5000)).result(30)
    assert stored(store) == []


def test_who_reads_still_has_the_texts_that_go_meanwhile(store: Store) -> None:
    records = [call_saying(message(said(number)), started_unix_ns=number) for number in range(1, 20)]
    write(store, *records)
    with store.read() as reader:
        reader.ask("call_count")
        store.perform(lambda cursor: remove_before(cursor, 100)).result(30)
        rows = [row for batch in reader.batches("calls") for row in batch.to_pylist()]
    assert sorted(row["attributes"] for row in rows) == sorted(record.attributes for record in records)
    assert stored(store) == []


def test_a_store_within_its_size_loses_no_text_that_a_call_has(store: Store) -> None:
    records = [
        call_saying(message(said(number // 2)), message(PROMPT[number:]), started_unix_ns=number)
        for number in range(1, 200)
    ]
    for first in range(0, 199, 50):
        write(store, *records[first : first + 50])
    store.perform(
        lambda cursor: Keeper(Limits(max_size_bytes=measured(cursor).used_bytes // 2)).tidy(cursor, 0)
    ).result(30)
    (unused,) = stored(
        store,
        "SELECT count(*) FROM contents ANTI JOIN (SELECT unnest(cut_out).digest AS digest FROM calls) USING (digest)",
    )
    (left,) = stored(store, "SELECT count(*) FROM calls")
    assert unused == 0 < left < 199
    assert all(attributes_of(store, record) == record.attributes for record in records[-left:])


def test_calls_cannot_be_asked_for_by_what_was_said(store: Store) -> None:
    write(store, call_saying(message(said(1))))
    with store.read() as reader:
        with pytest.raises(SelectionError, match="what was said is not kept in their rows"):
            reader.ask("call_count", selection=Selection(where={INPUT: "x"}))
        with pytest.raises(SelectionError, match="cannot be asked for by gen_ai"):
            reader.ask("call_totals", group_by=[INPUT])
        assert reader.knows(INPUT)
        assert INPUT in reader.attributes()
