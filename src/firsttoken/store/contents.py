"""What was said, each text once: taken out of the rows that are written, and put back into those that are read.

A text is known by its SHA-256. There is no index of them: the writer remembers the latest, and looks for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

import duckdb

from firsttoken.store.cutting import LEAST, SAID, Cut, Piece, cut_text, messages_in, put_back, said_in_body
from firsttoken.store.sql import query

if TYPE_CHECKING:
    import pyarrow as pa

    Tables = Mapping[str, pa.Table]

Row = Mapping[str, Any]
Cuts = Sequence[Row] | None
Find = Callable[[str], Iterable[Piece]]

CUT_OUT: Final = "cut_out"
"""The column that tells what was taken out of a row. It has a value where something was."""
MESSAGES: Final[Mapping[str, Find]] = {"attributes": messages_in, "events": messages_in}
FINDERS: Final[Mapping[str, Mapping[str, Find]]] = {
    "calls": MESSAGES,
    "spans": MESSAGES,
    "logs": {"attributes": messages_in, "body": said_in_body},
}
"""How to find what was said, by table and column."""
CUT_APART: Final = frozenset(FINDERS["calls"])
"""The columns of a call of which a part may be elsewhere."""
NAMED: Final = f'"({SAID})"'
"""What a text has in it that has messages, among others."""
REMEMBERED: Final = 50_000
"""Digests, of about 150 bytes each."""


class Contents:
    """Belongs to the writer."""

    def __init__(self) -> None:
        self._stored: dict[str, None] = {}
        """Digests of texts that the store has for certain, the latest last."""

    def taken_out(self, cursor: duckdb.DuckDBPyConnection, tables: Tables) -> tuple[Tables, Collection[str]]:
        """The rows without what was said in them, which is written where it is new; and the digests of all of it.

        Within the transaction that will write the rows. Tell `remember` the digests once it is committed.
        """
        pieces: dict[str, str] = {}
        left = {name: _without_said(table, FINDERS[name], pieces) for name, table in tables.items()}
        unknown = [digest for digest in pieces if digest not in self._stored]
        if unknown:
            import pyarrow as pa

            texts = {
                "mark": [_mark_of(digest) for digest in unknown],
                "digest": unknown,
                "text": [pieces[digest] for digest in unknown],
            }
            cursor.register("incoming_contents", pa.table(texts))
            cursor.execute(query("insert_contents"))
        return left, pieces

    def remember(self, digests: Iterable[str]) -> None:
        for digest in digests:
            self._stored.pop(digest, None)
            self._stored[digest] = None
        for digest in tuple(islice(self._stored, max(0, len(self._stored) - REMEMBERED))):
            del self._stored[digest]

    def forget(self) -> None:
        """For when others may have removed some."""
        self._stored.clear()


def whole_rows(cursor: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Row]:
    """The rows as they were written, without the column of what was taken out of them."""
    if not rows or CUT_OUT not in rows[0]:
        return list(rows)
    pieces = texts_of(cursor, {cut["digest"] for row in rows for cut in row[CUT_OUT] or ()})
    return [_whole_row(row, pieces) for row in rows]


def texts_of(cursor: duckdb.DuckDBPyConnection, digests: Collection[str]) -> dict[str, str]:
    if not digests:
        return {}
    parameters = {"digests": list(digests), "marks": list(map(_mark_of, digests))}
    return dict(cursor.execute(query("texts_of"), parameters).fetchall())


def _mark_of(digest: str) -> int:
    return int(digest[:15], 16)


def whole_table(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> pa.Table:
    """The same in bulk."""
    cuts = cast("list[Cuts]", table[CUT_OUT].to_pylist())
    return _whole(table, cuts, texts_of(cursor, {cut["digest"] for row in cuts for cut in row or ()}))


def whole_batch(batch: pa.RecordBatch, pieces: Mapping[str, str]) -> pa.Table:
    """The same, from texts that are at hand."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch])
    return _whole(table, cast("list[Cuts]", table[CUT_OUT].to_pylist()), pieces)


def _whole(table: pa.Table, cuts: Sequence[Cuts], pieces: Mapping[str, str]) -> pa.Table:
    whole = table.drop_columns([CUT_OUT])
    parts: set[str] = {cut["part"] for row in cuts for cut in row or ()}
    for part in parts & set(whole.column_names):
        texts = cast("list[str]", table[part].to_pylist())
        whole = _with_texts(
            whole, part, [_whole_text(text, part, row, pieces) for text, row in zip(texts, cuts, strict=True)]
        )
    return whole


def _whole_row(row: Row, pieces: Mapping[str, str]) -> Row:
    cuts = row[CUT_OUT]
    whole = {name: value for name, value in row.items() if name != CUT_OUT}
    parts = {cut["part"] for cut in cuts or ()} & set(whole)
    return whole | {part: _whole_text(whole[part], part, cuts, pieces) for part in parts}


def _whole_text(text: str, part: str, cuts: Cuts, pieces: Mapping[str, str]) -> str:
    own = [Cut(cut["place"], cut["digest"], cut["quoted"]) for cut in cuts or () if cut["part"] == part]
    return put_back(text, own, pieces) if own else text


def _without_said(table: pa.Table, finders: Mapping[str, Find], pieces: dict[str, str]) -> pa.Table:
    """The table with the column of what was taken out, where something was; as it is elsewhere."""
    cuts: dict[int, list[Row]] = {}
    left = table
    for part, find in finders.items():
        places = _worth_reading(table, part, find)
        if not places:
            continue
        texts = cast("list[str]", table[part].to_pylist())
        for place in places:
            texts[place], own, found = cut_text(texts[place], find)
            pieces.update(found)
            if own:
                cuts.setdefault(place, []).extend({"part": part, **cut._asdict()} for cut in own)
        left = _with_texts(left, part, texts)
    return _with_cuts(left, cuts) if cuts else table


def _worth_reading(table: pa.Table, part: str, find: Find) -> list[int]:
    """The rows whose text is long enough, and has the name of something said in it where that has one."""
    import pyarrow.compute as pc

    compute: Any = pc
    long = compute.greater(compute.binary_length(table[part]), LEAST)
    if not compute.any(long).as_py():
        return []
    if find is messages_in:
        long = compute.and_(long, compute.match_substring_regex(table[part], NAMED))
    return cast("list[int]", compute.indices_nonzero(long).to_pylist())


def _with_texts(table: pa.Table, part: str, texts: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    return table.set_column(table.schema.get_field_index(part), part, pa.array(texts, pa.string()))


def _with_cuts(table: pa.Table, cuts: Mapping[int, Sequence[Row]]) -> pa.Table:
    import pyarrow as pa

    cut = pa.struct([("part", pa.string()), ("place", pa.int64()), ("digest", pa.string()), ("quoted", pa.bool_())])
    column = pa.array([cuts.get(place) for place in range(len(table))], pa.list_(cut))
    return table.append_column(CUT_OUT, column)
