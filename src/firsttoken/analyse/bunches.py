"""Calls that differ in nothing but how much they used and in their group, with sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from firsttoken.analyse.options import Group
from firsttoken.pricing.changes import DAY_NS, Changes
from firsttoken.store.call_columns import CALL_COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

COUNTS: Final = tuple(column.name for column in CALL_COLUMNS if column.part == "usage" and column.kind == "int")
AMOUNTS: Final = tuple(column.name for column in CALL_COLUMNS if column.kind == "money")
TERMS: Final = (
    *("operation", "provider", "api", "model", "server_address", "request_service_tier", "started_unix_ns", "outcome"),
    *("status_code", "response_model", "response_service_tier", "speed", "inference_geo", "batch_requests"),
    *("usage_reported", "usage_partial"),
    *("cost_currency", "cost_source", "cost_price_date", "unpriced_reason"),
)
"""What calls have in common that are priced together."""
COLUMNS: Final = (*TERMS, *COUNTS, *AMOUNTS)
"""All that a price depends on, and what was paid."""
PARTS: Final = (
    ("input_tokens", ("cache_read_tokens", "cache_write_tokens")),
    ("input_tokens", ("cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")),
    ("input_tokens", ("input_text_tokens", "input_image_tokens", "input_audio_tokens")),
    ("output_tokens", ("reasoning_tokens",)),
    ("output_tokens", ("output_text_tokens", "output_image_tokens", "output_audio_tokens")),
)
"""Counts, and such as are parts of them. A sum over calls would hide where one of them does not add up."""
BATCH: Final = 10_000
GROUP: Final = "group_number"


@dataclass(frozen=True, slots=True)
class Grouped:
    """Calls with what tells bunches apart: since when prices hold, how long their prompts are, and which counts and
    amounts there are."""

    table: pa.Table
    groups: tuple[Group, ...]
    """By the number that each call has in the column of groups."""


@dataclass(frozen=True, slots=True)
class Bunch:
    """Some of them."""

    row: Mapping[str, Any]
    """What they have in common, and the sum of each count and amount."""
    places: pa.Array[pa.Int64Scalar]
    """Of each in the table."""
    table: pa.Table

    @property
    def calls(self) -> pa.Table:
        return self.table.take(self.places)

    @property
    def largest_input_tokens(self) -> int:
        return int(self.row["input_tokens_max"] or 0)

    @property
    def is_summable(self) -> bool:
        """Whether the parts of each of several calls add up to what they are parts of."""
        return len(self.places) > 1 and bool(self.row["adds_up"])


def grouped(table: pa.Table, group_by: Sequence[str], changes: Changes, sizes: Sequence[int]) -> Grouped:
    """`sizes` are more of those of prompts beyond which something else holds."""
    import pyarrow as pa
    import pyarrow.compute

    pc: Any = pyarrow.compute  # its types know only arrays
    columns: dict[str, Any] = {name: table[name] for name in COLUMNS}
    columns["started_unix_ns"] = _same_prices(table["started_unix_ns"], changes)
    columns["prompt_size"] = _same_sizes(table["input_tokens"], {*changes.sizes, *sizes}, pc)
    columns |= {f"{name}_kind": pc.sign(table[name]) for name in COUNTS}
    columns |= {f"{name}_kind": pc.is_null(table[name]) for name in AMOUNTS}
    columns["adds_up"] = _adds_up(table, pc)
    groups, numbers = _numbered(table, len(group_by), pc)
    return Grouped(pa.table({**columns, GROUP: numbers}), groups)


def bunches(table: pa.Table) -> Iterator[Bunch]:
    """All calls of the table of a `Grouped`, or of a part of it."""
    import pyarrow as pa

    keys = [name for name in table.column_names if name not in {*COUNTS, *AMOUNTS, GROUP}]
    numbered = _summable(table).append_column("place", pa.array(range(len(table)), pa.int64()))
    wanted: list[Any] = [(name, "sum") for name in (*COUNTS, *AMOUNTS)]
    wanted += [("input_tokens", "max"), ("place", "list")]
    for batch in numbered.group_by(keys).aggregate(wanted).to_batches(max_chunksize=BATCH):
        places = cast("Any", batch)["place_list"]
        for number, row in enumerate(batch.drop_columns(["place_list"]).to_pylist()):
            yield Bunch(row, places[number].values, table)


def by_group(bunch: Bunch) -> Sequence[Mapping[str, Any]]:
    """Its sums in each group, and how many calls."""
    numbers: Any = bunch.table[GROUP].take(bunch.places)
    if len(several := numbers.unique()) == 1:
        return [{**bunch.row, GROUP: several[0].as_py(), "count_all": len(numbers)}]
    summed = [name for name in (*COUNTS, *AMOUNTS) if bunch.row[f"{name}_sum"] is not None]
    calls = _summable(bunch.table.select([GROUP, *summed]).take(bunch.places))
    wanted: list[Any] = [*((name, "sum") for name in summed), ([], "count_all")]
    return calls.group_by(GROUP).aggregate(wanted).to_pylist()


def equal_calls(calls: pa.Table) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """Each of them that differs from the others in more than its group, and in which groups it is how often."""
    found = calls.group_by(list(COLUMNS)).aggregate([(GROUP, "list")])
    for batch in found.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            numbers = row.pop(f"{GROUP}_list")
            yield row, numbers


def _summable(table: pa.Table) -> pa.Table:
    """A sum of counts may be larger than any of them can be."""
    import pyarrow as pa

    for name in set(COUNTS).intersection(table.column_names):
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.decimal128(19)))
    return table


def _numbered(table: pa.Table, names: int, pc: Any) -> tuple[tuple[Group, ...], Any]:
    """The groups there are, and for each call the number of its own."""
    import numpy as np
    import pyarrow as pa

    numbers = np.zeros(len(table), np.int64)
    if not names:
        return ((),), pa.array(numbers)
    keys = [f"name_{number}" for number in range(names)]
    said = {key: pc.list_element(table["group_values"], number) for number, key in enumerate(keys)}
    place = pa.array(range(len(table)), pa.int64())
    found = pa.table({**said, "place": place}).group_by(keys).aggregate([("place", "list")])
    places: Any = found["place_list"].combine_chunks()
    numbers[places.flatten().to_numpy()] = np.repeat(np.arange(len(found)), pc.list_value_length(places).to_numpy())
    groups = zip(*(found[key].to_pylist() for key in keys), strict=True)
    return tuple(groups), pa.array(numbers)


def _same_prices(started_unix_ns: Any, changes: Changes) -> pa.Array[pa.Int64Scalar]:
    """For each moment one at which all prices are the same."""
    import numpy as np
    import pyarrow as pa

    moments, days, times = started_unix_ns.to_numpy(), np.array(changes.days), np.array(changes.times)
    day = days[np.searchsorted(days, moments, "right") - 1]
    return pa.array(day + times[np.searchsorted(times, moments % DAY_NS, "right") - 1], pa.int64())


def _same_sizes(input_tokens: Any, sizes: set[int], pc: Any) -> pa.Array[pa.Int64Scalar]:
    """For each prompt how many of the sizes it is beyond."""
    import numpy as np
    import pyarrow as pa

    ends = np.array(sorted(sizes), np.int64)
    beyond = np.arange(len(sizes) + 1)
    return pa.array(beyond[np.searchsorted(ends, pc.fill_null(input_tokens, 0).to_numpy(), "left")], pa.int64())


def _adds_up(table: pa.Table, pc: Any) -> Any:
    counts: dict[str, Any] = {name: pc.fill_null(table[name], 0) for name in COUNTS}
    remainders = list(counts.values())
    for whole, parts in PARTS:
        left = counts[whole]
        for part in parts:
            left = pc.subtract(left, counts[part])
        remainders.append(left)
    found = pc.greater_equal(remainders[0], 0)
    for remainder in remainders[1:]:
        found = pc.and_(found, pc.greater_equal(remainder, 0))
    return found
