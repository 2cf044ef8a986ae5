"""Many rows of calls in little time: those of some requests over and over, each time with other ids and later."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from bench.made_calls import ID_LETTERS
from bench.otlp import requests
from firsttoken.pricing import PriceBook
from firsttoken.receive.decoding import Work, decoded_rows
from firsttoken.receive.encodings import PROTOBUF

REQUESTS: Final = 100
ROWS_OF_A_BATCH: Final = 2048
"""Four requests, which is what the writer finds waiting where four senders are at work."""
RANDOM_IDS: Final = {
    "trace_id": ("", 32),
    "span_id": ("", 16),
    "response_id": ("chatcmpl-", 22),
    "request_id": ("req_", 32),
}
"""What they begin with, and how many letters follow that nobody can guess."""
HEXADECIMAL: Final = {"trace_id", "span_id", "request_id"}
LETTERS: Final = bytes(ord(ID_LETTERS[number % len(ID_LETTERS)]) for number in range(256))


def many_calls(first: int, last: int) -> Iterator[pa.Table]:
    """The rows of `calls` from one number to another, as the receivers decode them, in batches."""
    made = _made()
    starts = made["started_unix_ns"].to_pylist()
    length_ns = max(starts) - min(starts) + 1
    while first < last:
        begin, later_ns = first % len(made), first // len(made) * length_ns
        batch = made.slice(begin, min(ROWS_OF_A_BATCH, last - first))
        yield _anew(batch, later_ns)
        first += len(batch)


@cache
def _made() -> pa.Table:
    """Those that come again and again."""
    work = (
        Work("/v1/traces", request.body, PROTOBUF.fill, "", 10**8, 1_795_000_000_000_000_000 + number)
        for number, request in enumerate(requests(REQUESTS))
    )
    return pa.concat_tables([decoded_rows(each, PriceBook()).tables["calls"] for each in work])


def _anew(table: pa.Table, later_ns: int) -> pa.Table:
    for name in ("started_unix_ns", "received_unix_ns"):
        table = _with(table, name, pc.add(table[name], later_ns))
    for name, (prefix, length) in RANDOM_IDS.items():
        table = _with(table, name, pa.array(_ids(len(table), prefix, length, hexadecimal=name in HEXADECIMAL)))
    return table


def _with(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, values)


def _ids(count: int, prefix: str, length: int, *, hexadecimal: bool) -> list[str]:
    random = os.urandom(count * length)
    text = random.hex() if hexadecimal else random.translate(LETTERS).decode()
    return [prefix + text[place : place + length] for place in range(0, count * length, length)]
