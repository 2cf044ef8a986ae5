"""Decoded rows on their way from one process to another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from firsttoken.receive.decoded import ToldLoss
from firsttoken.receive.decoding import DecodedRows

READY: Final = "ready"
"""What a helper says first."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Decoded rows as they go through a pipe: tables as Arrow streams."""

    streams: dict[str, bytes]
    items: int
    refused: Counter[str]
    losses: tuple[ToldLoss, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """What nobody expected to go wrong."""

    message: str


def packed(rows: DecodedRows) -> Packed:
    streams: dict[str, bytes] = {}
    for name, table in rows.tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        streams[name] = sink.getvalue().to_pybytes()
    return Packed(streams, rows.items, rows.refused, rows.losses)


def unpacked_rows(answer: Packed) -> DecodedRows:
    tables = {name: pa.ipc.open_stream(stream).read_all() for name, stream in answer.streams.items()}
    return DecodedRows(tables, answer.items, answer.refused, answer.losses)
