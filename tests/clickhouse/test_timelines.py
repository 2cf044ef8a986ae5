"""The timeline of a call out of a log record that the Collector wrote."""

from __future__ import annotations

import json
from dataclasses import asdict

from firsttoken.analyse import find_call
from firsttoken.call import Call, Outcome, Request, Timing
from firsttoken.call.packed_timeline import packed, words_of
from firsttoken.call.timeline import NOTHING, TEXT, Timeline
from firsttoken.clickhouse import ClickHouse
from firsttoken.trace.version import EVENT_NAME

from .exported import write_log, write_spans
from .server import Database
from .test_calls_from_spans import START_UNIX_NS, sent

US = 256
CALL = Call(Request("chat", "openai", "openai.responses", "gpt-4o"), Timing(START_UNIX_NS, 10**9), Outcome.COMPLETED)


def test_a_call_that_a_collector_wrote_has_its_timeline(database: Database) -> None:
    span = sent(CALL)
    told = asdict(packed(words_of([US, 2 * US, US, 5 * US]), [(1, TEXT)]))
    body = json.dumps({"attempt": {"number": 1, "final": True}, "timeline": told})
    write_spans(database.client, [span])
    write_log(database.client, span, EVENT_NAME, body, {})

    with ClickHouse.open(database.url) as warehouse:
        detail = find_call(warehouse, span.trace_id, span.span_id)

    assert detail is not None
    assert detail.timeline == Timeline((4 * US, 11 * US), (2 * US + US // 2, 5 * US + US // 2), (NOTHING, TEXT))
    assert detail.provider_traces == ({"attempt": {"number": 1, "final": True}},)
