"""A request as it came -> rows as the store takes them. All of it is work for a processor: nothing waits here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final

import pyarrow as pa
from google.protobuf.message import DecodeError

from firsttoken.pricing import PriceBook
from firsttoken.receive.compression import unpacked
from firsttoken.receive.decoded import Decoded, Delivery, ToldLoss
from firsttoken.receive.encodings import PROTOBUF
from firsttoken.receive.prices import priced
from firsttoken.receive.signals import SIGNALS, Fill
from firsttoken.receive.traces import decode_traces
from firsttoken.semconv.dialects import OUR_SCOPE
from firsttoken.store.arrow import tables_of

if find_spec("ptars"):
    from firsttoken.receive.our_calls import OurCalls, our_calls
else:  # without the extra `fast`, calls of ours are read as spans of anybody are
    our_calls = None

READERS: Final = {signal.path: signal.read for signal in SIGNALS}
TRACES: Final = SIGNALS[0].path
WORTHWHILE_BYTES: Final = 1 << 15
"""From about so much on, many spans at a time are quicker read than one by one."""


@dataclass(frozen=True, slots=True)
class Work:
    """One request, and how it is to be read."""

    signal_path: str
    body: bytes
    fill: Fill
    content_encoding: str
    max_body_bytes: int
    received_unix_ns: int


@dataclass(frozen=True, slots=True)
class DecodedRows:
    """The rows of one request by table, how many items it held, and why some of them are no rows."""

    tables: Mapping[str, pa.Table]
    items: int
    refused: Counter[str] = field(default_factory=Counter[str])
    losses: tuple[ToldLoss, ...] = ()


def decoded_rows(work: Work, prices: PriceBook) -> DecodedRows:
    """Raises RefusalError for what cannot be read."""
    payload = unpacked(work.body, work.content_encoding, work.max_body_bytes)
    delivery = Delivery(payload, work.received_unix_ns)
    ours = _our_calls(work, payload)
    if ours is None:
        return _rows(READERS[work.signal_path](delivery, work.fill), prices)
    rest = _rows(decode_traces(ours.others, delivery), prices)
    tables = [ours.table, *(table for name, table in rest.tables.items() if name == "calls")]
    return DecodedRows(
        {**rest.tables, "calls": pa.concat_tables(tables)}, ours.table.num_rows + rest.items, rest.refused
    )


def _rows(decoded: Decoded, prices: PriceBook) -> DecodedRows:
    return DecodedRows(tables_of(priced(decoded.batch, prices)), decoded.items, decoded.refused, decoded.losses)


def _our_calls(work: Work, payload: bytes) -> OurCalls | None:
    """None where there are none, or it is not worth the while to look for them."""
    if our_calls is None or work.signal_path != TRACES or work.fill is not PROTOBUF.fill:
        return None
    if len(payload) < WORTHWHILE_BYTES or OUR_SCOPE.encode() not in payload:
        return None
    try:
        found = our_calls(payload, work.received_unix_ns)
    except (ValueError, DecodeError):  # who reads span by span says what is wrong with it
        return None
    return found if found.table.num_rows else None
