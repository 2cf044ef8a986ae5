"""Selected calls of the embedded store, found once for all questions of a reader, where looking takes long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from firsttoken.store import searching
from firsttoken.store.call_names import KNOWN
from firsttoken.store.scope import Parameters, all_of, conditions_of
from firsttoken.store.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

SEARCHING: Final = """
WITH
said AS MATERIALIZED (SELECT digest FROM main.contents WHERE {in_content}),
logged AS MATERIALIZED (
    SELECT trace_id, span_id
    FROM main.logs
    WHERE span_id IS NOT NULL AND {in_log}
    UNION ALL
    SELECT trace_id, span_id
    FROM (
        SELECT trace_id, span_id, unnest(list_transform(cut_out, lambda cut: cut.digest)) AS digest
        FROM main.logs
        WHERE span_id IS NOT NULL AND cut_out IS NOT NULL
    )
    WHERE digest IN (SELECT digest FROM said)
)
{in_row}
SELECT place
FROM (
    SELECT place, unnest(list_transform(cut_out, lambda cut: cut.digest)) AS digest
    FROM (SELECT rowid AS place, cut_out FROM main.calls WHERE {others})
    WHERE cut_out IS NOT NULL
)
WHERE digest IN (SELECT digest FROM said)
UNION ALL
SELECT rowid AS place FROM main.calls WHERE ({others}) AND (trace_id, span_id) IN (SELECT trace_id, span_id FROM logged)
"""
"""In their rows, in what was cut out of these, and in the log records of their spans."""
IN_ROW: Final = "SELECT rowid AS place FROM main.calls WHERE ({others}) AND {condition} UNION ALL"
"""One for each way: a column that says the same in many rows is then looked at once for all of them. It names what it
reads, as planning takes long where each way would have all columns."""


def takes_long(selection: Selection) -> bool:
    """Whether all text of every call has to be read: that of JSON, or of all columns."""
    return selection.search is not None or _reads_json(selection)


def parts(selection: Selection) -> tuple[Selection, ...]:
    """Selections that have just these calls in common, each looked up by itself: what a search has found is then
    found already where the search is narrowed by an attribute."""
    if selection.search is None or not _reads_json(selection):
        return (selection,)
    where = {name: value for name, value in selection.where.items() if name in KNOWN}
    without = tuple(name for name in selection.without if name in KNOWN)
    return replace(selection, where=where, without=without), replace(selection, search=None)


def _reads_json(selection: Selection) -> bool:
    return not KNOWN.keys() >= {*selection.where, *selection.without}


def lookup(selection: Selection) -> tuple[str, Parameters]:
    """A statement for the places of the selected calls, some maybe more than once: see `distinct`. Raises
    SelectionError."""
    parameters: Parameters = {}
    others = all_of(conditions_of(replace(selection, search=None), parameters))
    text = selection.search
    if text is None:
        return f"SELECT rowid AS place FROM main.calls WHERE {others}", parameters  # noqa: S608  columns and parameters alone
    return SEARCHING.format(
        others=others,
        in_row="\n".join(IN_ROW.format(others=others, condition=each) for each in searching.in_row(text, parameters)),
        in_log=searching.in_log(text, parameters),
        in_content=searching.in_content(text, parameters),
    ), parameters


def distinct(found: pa.Table) -> pa.Table:
    """Every place once, in order."""
    import pyarrow as pa

    places, comes_again = _in_order(found)
    return pa.table({"place": places[~comes_again]})


def in_both(one: pa.Table, other: pa.Table) -> pa.Table:
    """The places that two of `distinct` places have in common."""
    import pyarrow as pa

    places, comes_again = _in_order(pa.concat_tables([one, other]))
    return pa.table({"place": places[comes_again]})


def _in_order(found: pa.Table) -> tuple[Any, Any]:
    """The places, and whether each is the same as the one before. They come as a few lists, each of which is in order
    already: this sort makes use of that."""
    import numpy as np

    places = np.sort(cast("Any", found["place"].to_numpy()), kind="stable")
    return places, np.concatenate(([False], places[1:] == places[:-1])) if len(places) else np.zeros(0, np.bool_)
