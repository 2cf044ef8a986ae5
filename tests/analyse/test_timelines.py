"""The timeline of a call as the store gives it back, and as JSON carries it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace

import pytest
from pydantic import JsonValue, TypeAdapter
from store.samples import call_record, ids, log_record

from firsttoken.analyse import CallDetail, find_call
from firsttoken.analyse.answer_json import json_line
from firsttoken.call.packed_timeline import packed, words_of
from firsttoken.call.timeline import NOTHING, TEXT, Timeline
from firsttoken.store import Batch, JsonText
from firsttoken.trace.version import EVENT_NAME

from .conftest import Runs

US = 256
TIMELINE = Timeline((4 * US, 11 * US), (2 * US + US // 2, 5 * US + US // 2), (NOTHING, TEXT))
MEMBER: dict[str, JsonValue] = dict(asdict(packed(words_of([US, 2 * US, US, 5 * US]), [(1, TEXT)])))
ADAPTER = TypeAdapter(CallDetail)


def final(timeline: JsonValue) -> JsonValue:
    return {"attempt": {"number": 2, "final": True}, "timeline": timeline}


def found_with(runs: Runs, *bodies: JsonValue) -> CallDetail:
    trace_id, span_id = span = ids()
    logs = [
        replace(
            log_record(f"{span_id}-{number}", 0),
            trace_id=trace_id,
            span_id=span_id,
            event_name=EVENT_NAME,
            time_unix_ns=number,
            body=JsonText(json.dumps(body)),
        )
        for number, body in enumerate(bodies)
    ]
    runs.store.write(Batch(calls=(call_record(span=span),), logs=tuple(logs))).result(30)
    detail = find_call(runs.store, trace_id, span_id)
    assert detail is not None
    return detail


def test_a_call_has_the_timeline_of_its_final_attempt_which_its_record_then_shows_no_more(runs: Runs) -> None:
    failed: JsonValue = {"attempt": {"number": 1, "final": False}, "timeline": MEMBER}
    detail = found_with(runs, failed, final(MEMBER))
    assert detail.timeline == TIMELINE
    assert detail.provider_traces == (failed, {"attempt": {"number": 2, "final": True}})


def test_a_call_recorded_without_one_has_none(runs: Runs) -> None:
    record: JsonValue = {"attempt": {"number": 1, "final": True}, "outcome": "completed"}
    detail = found_with(runs, record)
    assert (detail.timeline, detail.provider_traces) == (None, (record,))


DAMAGED: Mapping[str, JsonValue] = {
    "a text": "planes",
    "a number": 7,
    "a list": [MEMBER],
    "nothing in it": {},
    "no data": {**MEMBER, "data": None},
    "data of another kind": {**MEMBER, "data": [1, 2]},
    "damaged data": {**MEMBER, "data": "####"},
    "half a count": {**MEMBER, "count": 1.5},
    "a count that is a text": {**MEMBER, "count": "2"},
    "a count that is true": {**MEMBER, "count": True},
    "a negative count": {**MEMBER, "count": -2},
    "a unit of nothing": {**MEMBER, "unit_ns": None},
    "a newer encoding": {**MEMBER, "encoding": "planes-deflate/9"},
}


@pytest.mark.parametrize("told", DAMAGED.values(), ids=list(DAMAGED))
def test_what_is_damaged_is_no_timeline_and_stays_in_its_record(runs: Runs, told: JsonValue) -> None:
    detail = found_with(runs, final(told))
    assert (detail.timeline, detail.provider_traces) == (None, (final(told),))


@pytest.mark.parametrize("body", [None, 7, "text", [], [{"attempt": {"final": True}}], {"attempt": None}])
def test_a_record_of_any_shape_is_shown_without_a_timeline(runs: Runs, body: JsonValue) -> None:
    detail = found_with(runs, body)
    assert (detail.timeline, detail.provider_traces) == (None, (body,))


def test_json_has_one_number_for_each_chunk_and_can_be_read_back(runs: Runs) -> None:
    detail = found_with(runs, final(MEMBER))
    document = json_line(ADAPTER, detail)
    assert json.loads(document)["timeline"] == {
        "arrived_ns": list(TIMELINE.arrived_ns),
        "waited_ns": list(TIMELINE.waited_ns),
        "contents": [NOTHING, TEXT],
        "lengths": None,
    }
    assert ADAPTER.validate_json(document).timeline == TIMELINE


def test_a_stream_of_a_hundred_thousand_chunks_comes_back_whole(runs: Runs) -> None:
    steps = [10_000 + 37 * each % 9_000 for each in range(200_000)]
    detail = found_with(runs, final(dict(asdict(packed(words_of(steps), [(0, TEXT)])))))
    assert detail.timeline is not None
    assert len(detail.timeline.arrived_ns) == 100_000
    assert abs(detail.timeline.arrived_ns[-1] - sum(steps)) < 1_000_000
