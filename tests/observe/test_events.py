"""Events out of bytes: the same that the SDKs find, whichever way the bytes are cut."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import cycle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from firsttoken.observe import events
from firsttoken.observe.events import Event, EventReader, event_reader

STREAM = "text/event-stream; charset=utf-8"
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=6,
)
LINES = st.sampled_from(
    [
        *("data", "data:", "data: 1", "data:2", 'data: {"a":', "data: 3}", "data: [DONE]", "data: \u2028é"),
        *("event: x", "event", ": hi", "id: 7", "retry: 9", "nonsense", " data: 1", "", "", ""),
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def read(body: bytes, sizes: list[int]) -> list[Event]:
    reader, found, start = EventReader(bytes), list[Event](), 0
    lengths = cycle(sizes)
    while start < len(body):
        size = next(lengths)
        found += reader.feed(body[start : start + size])
        start += size
    return found


def read_by_the_sdk(body: bytes) -> list[Event]:
    found: list[Event] = []
    for sse in SSEDecoder().iter_bytes(iter([body])):
        try:
            found.append(Event(sse.event or "", json.loads(sse.data)))
        except ValueError:
            continue
    return found


@given(lines=st.lists(st.tuples(LINES, ENDS), max_size=30), sizes=SIZES)
@example(lines=[("data: 1", "\r"), ("", "\n"), ("data: 2", "\r\n"), ("", "\r\n")], sizes=[1])
def test_any_body_cut_anywhere_has_the_events_that_the_sdk_finds(
    lines: list[tuple[str, str]], sizes: list[int]
) -> None:
    body = "".join(line + end for line, end in lines).encode()
    assert read_by_the_sdk(body) == read(body, sizes)


@given(values=st.lists(VALUES, max_size=8), sizes=SIZES)
def test_every_value_comes_out_as_it_went_in(values: list[object], sizes: list[int]) -> None:
    body = b"".join(f"event: e\ndata: {json.dumps(value)}\n\n".encode() for value in values)
    assert [Event("e", value) for value in values] == read(body, sizes)


@pytest.mark.parametrize("broken", [b"data: \xff\xfe{\n\n", b"data: {\n\n", b"data: " + b"[" * 100_000 + b"\n\n"])
def test_data_that_is_no_json_is_no_event_and_the_next_one_is(broken: bytes) -> None:
    assert [Event("", 1)] == read(broken + b"data: 1\n\n", [7])


def test_an_event_without_its_end_is_none() -> None:
    assert read(b"data: 1\n\ndata: 2\n", [3]) == [Event("", 1)]


def test_an_event_beyond_all_measure_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_EVENT", 100)
    reader = EventReader(bytes)
    long = b'data: "' + b"x" * 200 + b'"\n\n'
    assert [reader.feed(piece) for piece in (long[:50], long[50:], b"data: 1\n\n")] == [[], [], [Event("", 1)]]


def test_what_is_held_does_not_grow_with_the_stream() -> None:
    reader = EventReader(bytes)
    for number in range(1_000):
        reader.feed(b"data: %d\n\ndata: " % number)
        assert len(reader._line) + len(reader._data) <= 2


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("identity", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)],
)
def test_a_packed_stream_is_unpacked_piece_by_piece(encoding: str, pack: object) -> None:
    reader = event_reader({"content-type": STREAM, "content-encoding": encoding})
    assert reader is not None
    body: bytes = pack(b'data: {"a": 1}\n\ndata: 2\n\n')  # type: ignore[operator]
    found = [event for byte in body for event in reader.feed(bytes([byte]))]
    assert [Event("", {"a": 1}), Event("", 2)] == found


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "application/json"},
        {"content-type": "application/vnd.amazon.eventstream"},
        {"content-type": STREAM, "content-encoding": "br"},
    ],
)
def test_what_is_not_ours_to_unpack_or_no_event_stream_is_left_alone(headers: dict[str, str]) -> None:
    assert event_reader(headers) is None


@given(
    lines=st.lists(
        st.tuples(st.one_of(VALUES.map(json.dumps), st.sampled_from(["", "{", "nonsense"])), ENDS), max_size=9
    ),
    sizes=SIZES,
)
def test_lines_of_json_cut_anywhere_are_each_an_event_the_last_also_without_its_end(
    lines: list[tuple[str, str]], sizes: list[int]
) -> None:
    reader, start, lengths = event_reader({}, of_lines=True), 0, cycle(sizes)
    assert reader is not None
    body, found = "".join(line + end for line, end in lines).rstrip("\r\n").encode(), list[Event]()
    while start < len(body):
        size = next(lengths)
        found += reader.feed(body[start : start + size])
        start += size
    whole = [Event("", json.loads(line)) for line, _ in lines if line not in ("", "{", "nonsense")]
    assert whole == found + reader.rest()
