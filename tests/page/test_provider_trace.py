"""The provider traces of a call on its page: read at a glance, whole as JSON, and harmless whatever they hold."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.analyse import find_call, recent_calls
from firsttoken.call import Attempt, Call, Category, EventCounts, Sizes
from firsttoken.call.bodies import Bodies, Redaction, Truncation
from firsttoken.store import Batch, JsonText, LogRecord, Origin
from firsttoken.trace.of_call import traces_of

from .samples import HOSTILE_TEXT, STREAMED
from .site import Site, ids
from .test_pages import page_of, words

ORIGIN = Origin("shop", None, "firsttoken", JsonText("{}"))
TRACED: Call = replace(
    STREAMED,
    sizes=Sizes(request_bytes=12_040, response_bytes=1),
    events=EventCounts(12, {"message_start": 1, "content_block_delta": 11}, "message_stop", unread=2),
    novelties=("event dreamt",),
    attempts=(Attempt(10, 5, Category.RATE_LIMIT, 429),),
    resend_count=1,
)
BODIES = Bodies(
    request={"messages": "secret-Hx5"},
    truncations=(Truncation("/request_body/messages", 20_000_000, "c" * 64, "sha256/cc"),),
    truncated=7,
    items_left_out=2,
    redactions=(Redaction("api_key", 3), Redaction("email", 1)),
)


def add_traces(site: Site, call: Call, *bodies: Any) -> None:
    """As the receiver would hand them to the store."""
    trace_id, span_id = ids(call)
    logs = [
        LogRecord(
            f"delivery-{span_id}",
            position,
            trace_id,
            span_id,
            "firsttoken.provider_trace",
            call.timing.started_unix_ns + position,
            "INFO",
            JsonText(json.dumps(body)),
            ORIGIN,
            1,
            JsonText('{"gen_ai.operation.name":"chat"}'),
        )
        for position, body in enumerate(bodies)
    ]
    site.add(call)
    site.store.write(Batch(logs=tuple(logs))).result(30)


def panel(site: Site, call: Call) -> str:
    page = site.get("/calls/" + "/".join(ids(call))).text
    found = re.search(r'<section id="provider"[^>]*>.*?</section>', page, re.DOTALL)
    assert found is not None
    return found[0]


def test_the_page_of_a_call_shows_each_record_with_what_matters_and_all_of_it_as_json(site: Site) -> None:
    bodies = [trace.body() for trace in traces_of(TRACED, None, BODIES)]
    add_traces(site, TRACED, *reversed(bodies))
    section = panel(site, TRACED)
    documents = [json.loads(html.unescape(text)) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", section, re.DOTALL)]
    assert documents == bodies
    shown = words(re.sub(r"<pre.*?</pre>", "", section, flags=re.DOTALL))
    assert shown == (
        "Provider trace Attempt 1, followed by another Request 12,040 bytes The record as JSON "
        "Attempt 2, the last Request 12,040 bytes Answer 1 byte "
        "Events of content_block_delta 11 Events of message_start 1 Last event message_stop "
        "Events that could not be read 2 Unknown to firsttoken event dreamt "
        "Cut /request_body/messages from 20,000,000 bytes, kept whole as sha256/cc "
        "Texts cut in all 7 Items left out 2 Taken out: api_key 3 times Taken out: email 1 time The record as JSON"
    )


def test_a_provider_trace_is_neither_a_call_nor_a_log_event_of_its_own(site: Site) -> None:
    call = replace(TRACED, raw_usage='{"a":1}')
    add_traces(site, call, *(trace.body() for trace in traces_of(call, None)))
    assert len(recent_calls(site.store)) == 1
    detail = find_call(site.store, *ids(call))
    assert detail is not None
    assert (len(detail.provider_traces), detail.log_events) == (2, ())
    assert "No log events came for this call." in page_of(site, call)


def test_a_call_without_provider_traces_has_no_room_for_them(shared_site: Site) -> None:
    assert "Provider trace" not in page_of(shared_site, STREAMED)


@pytest.mark.parametrize(
    "body",
    [
        None,
        5,
        HOSTILE_TEXT,
        [],
        {},
        {"attempt": HOSTILE_TEXT},
        {"attempt": {"number": HOSTILE_TEXT}},
        {"schema_version": "2.0", HOSTILE_TEXT: {"deep": [HOSTILE_TEXT]}},
    ],
    ids=lambda body: repr(body)[:30],
)
def test_whatever_stands_where_a_record_should_be_is_shown_as_it_came(site: Site, body: Any) -> None:
    call = replace(STREAMED, raw_usage='{"b":2}')
    add_traces(site, call, body)
    section = panel(site, call)
    assert "<script>" not in section
    (document,) = re.findall(r"<pre[^>]*>(.*?)</pre>", section, re.DOTALL)
    assert json.loads(html.unescape(document)) == body
    assert "A record that cannot be read" in section


def test_a_strangers_words_in_a_record_stay_words(site: Site) -> None:
    hostile = replace(
        TRACED,
        events=EventCounts(1, {HOSTILE_TEXT: 1}, HOSTILE_TEXT),
        novelties=(HOSTILE_TEXT,),
        raw_usage=json.dumps({HOSTILE_TEXT: 1}),
    )
    add_traces(site, hostile, *(trace.body() for trace in traces_of(hostile, None)))
    section = panel(site, hostile)
    assert ("<script>" in section, "<img" in section) == (False, False)
    assert HOSTILE_TEXT in html.unescape(section)


@pytest.mark.parametrize("body", [{"number": 1}, None], ids=["a record", "none of ours"])
def test_what_would_turn_a_line_around_or_be_unseen_is_written_as_an_escape(site: Site, body: Any) -> None:
    unseen = "a\u202eb\u2066c\u2069\u200bd\x7f\x1b\N{TAG LATIN SMALL LETTER A}"
    call = replace(TRACED, raw_usage=json.dumps({unseen: unseen}))
    bodies = [trace.body() for trace in traces_of(call, None)] if body else [{unseen: [unseen]}]
    add_traces(site, call, *bodies)
    section = panel(site, call)
    documents = [html.unescape(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", section, re.DOTALL)]
    assert [json.loads(document) for document in documents] == bodies
    assert r"a\u202eb\u2066c\u2069\u200bd\u007f\u001b\udb40\udc61" in documents[-1]
    assert not re.search("[\u202e\u2066\u2069\u200b\x7f\x1b\U000e0061]", "".join(documents))
