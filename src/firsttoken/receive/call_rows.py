"""The columns of `calls`, made from those of spans."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from firsttoken.call import OPERATIONS, Outcome
from firsttoken.receive.decoded import LARGEST_TIME
from firsttoken.receive.event_texts import event_texts, repeated_names
from firsttoken.receive.kernels import pa, pc
from firsttoken.receive.our_attributes import COST_COLUMNS, OTHER, TARGETS, Flags, made, plain
from firsttoken.receive.traces import is_ours
from firsttoken.receive.values import json_text
from firsttoken.receive.wire import Places, SpansOfRequest, hexadecimal
from firsttoken.semconv import own
from firsttoken.semconv.context import more_of
from firsttoken.semconv.read import SpanFacts, read_call
from firsttoken.store import CallRecord, JsonText, Origin
from firsttoken.store.arrow import ARROW_TYPES, CALL_SCHEMA, call_columns
from firsttoken.store.call_columns import CALL_COLUMNS

OUTCOMES: Final = pa.array([outcome.value for outcome in Outcome if outcome is not Outcome.CANCELLED])
"""Those that say nothing of an error."""
USES_TOKENS: Final = {
    name: not operation.is_about_earlier for name, operation in OPERATIONS.items() if operation.uses_tokens
}
"""Operations whose calls have a usage and a cost, and what their rows say in `uses_tokens`."""
USAGE_COLUMNS: Final = tuple(column.name for column in CALL_COLUMNS if column.part == "usage")
LEDGER: Final = (*COST_COLUMNS, "cost_currency", "cost_source", "cost_price_date")
NEEDED: Final = (*COST_COLUMNS[:-1], "cost_currency")
"""What no ledger is without."""
TYPES: Final[dict[str, Any]] = dict(zip(CALL_SCHEMA.names, CALL_SCHEMA.types, strict=True))
NOTHING: Final = pa.scalar(Decimal(0), ARROW_TYPES["money"])
TRACE_ID_BYTES: Final = 16
SPAN_ID_BYTES: Final = 8
NOWHERE: Final = -1
_NO_ORIGIN = Origin("", None, "", JsonText("{}"))
_BARE = call_columns(
    [CallRecord("", "", None, "", _NO_ORIGIN, 0, read_call(SpanFacts({}, 0, 0)), JsonText(""), JsonText(""))]
)
BARE: Final = {name: value for name, (value,) in _BARE.items() if value is not None and name != "operation"}
"""What the columns say of a call of which nothing is known. Without an operation that it names itself it is no call."""


class CallRows:
    """A row for every span, of which those of unusual ones mean nothing."""

    def __init__(self, spans: SpansOfRequest, origins: list[Origin], received_unix_ns: int) -> None:
        self._count = len(spans)
        self._columns: dict[str, Any] = {}
        self._lenient: dict[str, Any] = {}
        self._left: list[tuple[str, Places, Places, list[Any]]] = []
        """Of each name: the spans that have it, where its attributes stand, and their values."""
        self.usual = np.ones(self._count, np.bool_)
        self._fill_origins(spans.groups, origins, received_unix_ns)
        self._fill_span(spans)
        attributes = spans.attributes()
        self._doubt(attributes.ambiguous())
        for name, places in attributes.by_name():
            self._take(name, attributes.owners[places], attributes.values, places)
        self._fill_events(spans)
        self._give_way()
        self._check_call()
        self._fill_cost()
        self._fill_attributes()

    def table(self) -> Any:
        """The usual ones."""
        columns = [self._column(name) for name in CALL_SCHEMA.names]
        table = pa.Table.from_arrays(columns, schema=CALL_SCHEMA)
        return table if self.usual.all() else table.filter(pa.array(self.usual))

    def _column(self, name: str) -> Any:
        column, bare = self._columns.get(name), BARE.get(name)
        if column is None:
            kind = TYPES[name]
            return pa.nulls(self._count, kind) if bare is None else pa.array([bare] * self._count, kind)
        return column if bare is None or column.null_count == 0 else pc.fill_null(column, bare)

    def _doubt(self, places: Places | Flags) -> None:
        """What stands there is unusual."""
        self.usual[places] = False

    def _fill_origins(self, groups: Places, origins: list[Origin], received_unix_ns: int) -> None:
        self._doubt(~np.array([is_ours(origin) for origin in origins], np.bool_)[groups])
        for name in ("scope", "service", "run_id", "resource"):
            given = pa.array([getattr(origin, name) for origin in origins], pa.string())
            self._columns[name] = given.take(groups)
        seen = pa.array([[origin.scope] for origin in origins], ARROW_TYPES["texts"])
        self._columns["seen_by"] = seen.take(groups)
        self._columns["received_unix_ns"] = pa.array(np.full(self._count, received_unix_ns))

    def _fill_span(self, spans: SpansOfRequest) -> None:
        started, ended = (spans.column(name).to_numpy() for name in ("started", "ended"))
        self._doubt((started == 0) | (started > ended) | (ended > LARGEST_TIME))
        self._doubt(spans.status_codes() == Status.STATUS_CODE_ERROR)
        for name, length in (("trace_id", TRACE_ID_BYTES), ("span_id", SPAN_ID_BYTES)):
            self._columns[name], good = hexadecimal(spans.column(name), length)
            self._doubt(~good)
        parents, _ = hexadecimal(spans.column("parent_span_id"), SPAN_ID_BYTES)
        self._columns["parent_span_id"] = parents
        self._columns["name"] = spans.column("name")
        self._columns["started_unix_ns"] = pa.array(started.astype(np.int64))
        self._columns["duration_ns"] = pa.array((ended - started).astype(np.int64))

    def _take(self, name: str, owners: Places, values: Any, places: Places) -> None:
        target = TARGETS.get(name, OTHER)
        is_repeated = owners[1:] == owners[:-1]
        self._doubt(owners[1:][is_repeated])
        if target.is_unusual:
            self._doubt(owners)
        elif target.kind is None:
            self._left.append((name, owners, places, plain(values, places)))
        else:
            array, good = made(target.kind, values, places)
            self._doubt(owners[~good])
            if target.column is not None:
                whole = len(owners) == self._count and not is_repeated.any()
                self._put(target.column, array if whole else self._spread(array, owners), gives_way=target.gives_way)

    def _spread(self, array: Any, owners: Places) -> Any:
        """One value for each span, from those of some."""
        places = np.full(self._count, NOWHERE)
        places[owners] = np.arange(len(owners))
        return array.take(pa.array(places, mask=places == NOWHERE))

    def _put(self, column: str, array: Any, *, gives_way: bool) -> None:
        """Of two attributes of one column, one has to give way."""
        columns = self._lenient if gives_way else self._columns
        known = columns.get(column)
        if known is not None:
            self._doubt(_valid(known) & _valid(array))
            array = pc.coalesce(known, array)
        columns[column] = array

    def _give_way(self) -> None:
        for name, array in self._lenient.items():
            known = self._columns.get(name)
            self._columns[name] = array if known is None else pc.coalesce(known, array)

    def _fill_events(self, spans: SpansOfRequest) -> None:
        events = spans.events()
        self._doubt(events.owners[repeated_names(events.attributes)])
        self._doubt(events.owners[events.attributes.ambiguous()])
        failed = pc.equal(events.names, own.EVENT_ATTEMPT_FAILED)
        self._doubt(events.owners[failed.to_numpy(zero_copy_only=False)])
        self._columns["events"] = event_texts(events, self._count)

    def _check_call(self) -> None:
        operations = self._column("operation").dictionary_encode()
        known = [USES_TOKENS.get(operation) for operation in operations.dictionary.to_pylist()]
        uses_tokens = pa.array(known, pa.bool_()).take(operations.indices)
        self._doubt(~_valid(uses_tokens))
        outcomes = pc.is_in(self._column("outcome"), OUTCOMES)
        self._doubt(~outcomes.to_numpy(zero_copy_only=False))
        self._columns["uses_tokens"] = uses_tokens
        self._columns["usage_reported"] = pa.array(self._any_valid(USAGE_COLUMNS))

    def _any_valid(self, names: tuple[str, ...]) -> Flags:
        there = [_valid(self._columns[name]) for name in names if name in self._columns]
        return np.logical_or.reduce(there) if there else np.zeros(self._count, np.bool_)

    def _fill_cost(self) -> None:
        """It is all of a ledger, or a reason for none, or neither."""
        columns = {name: self._column(name) for name in LEDGER}
        whole = np.logical_and.reduce([_valid(columns[name]) for name in NEEDED])
        whole &= ~_valid(self._column("unpriced_reason"))
        self._doubt(~whole & self._any_valid(LEDGER))
        priced = pa.array(whole)
        total: Any = None
        for name in COST_COLUMNS:
            amount = pc.fill_null(columns[name], NOTHING)
            total = amount if total is None else pc.add(total, amount)
        nothing = pa.scalar(None, ARROW_TYPES["money"])
        total = pc.if_else(priced, total.cast(ARROW_TYPES["money"]), nothing)
        self._columns["cost_total"] = total
        self._columns["cost_tools"] = pc.if_else(priced, pc.fill_null(columns["cost_tools"], NOTHING), nothing)
        source = pc.fill_null(columns["cost_source"], "")
        self._columns["cost_source"] = pc.if_else(priced, source, pa.scalar(None, pa.string()))

    def _fill_attributes(self) -> None:
        """What the columns do not say."""
        left: defaultdict[int, list[tuple[int, str, Any]]] = defaultdict(list)
        for name, owners, places, values in self._left:
            follows = self._follows(name, owners, values)
            for owner, place, value in zip(owners.tolist(), places.tolist(), values, strict=True):
                if owner not in follows:
                    left[owner].append((place, name, value))
        given: list[Any] = self._column("context_more").to_pylist()
        texts: list[str] = ["{}"] * self._count
        more_texts: list[str | None] = [None] * self._count
        for owner, members in left.items():
            others = {name: value for _, name, value in sorted(members, key=itemgetter(0))}
            if more := more_of(others, given[owner] or ()):
                more_texts[owner] = json.dumps(more)
                others = {name: value for name, value in others.items() if name not in more}
            if others:
                texts[owner] = json_text(others)
        self._columns["attributes"] = pa.array(texts, pa.string())
        self._columns["context_more"] = pa.array(more_texts, pa.string())

    def _follows(self, name: str, owners: Places, values: Sequence[Any]) -> set[int]:
        """The spans in which what is called so follows from the columns."""
        if name != own.OUTPUT_TOKENS_PER_SECOND:
            return set()
        rates = self._rates()[owners].tolist()
        return {owner for owner, rate, value in zip(owners.tolist(), rates, values, strict=True) if rate == value}

    def _rates(self) -> npt.NDArray[np.float64]:
        """How fast output came, as `Call.output_tokens_per_second` has it; NaN where that is unknown."""
        tokens, side, reasoning = (self._integers(f"{name}_tokens") for name in ("output", "side_output", "reasoning"))
        first, last = self._integers("first_token_ns"), self._integers("last_chunk_ns")
        hidden, partial = (self._column(name).to_numpy(False) for name in ("hidden_reasoning", "usage_partial"))
        following = tokens - side - np.where(hidden, reasoning, 0) - 1
        known = np.logical_and.reduce(
            [_valid(self._column(name)) for name in ("output_tokens", "first_token_ns", "last_chunk_ns")]
        )
        known &= ~partial.astype(np.bool_) & (last > first) & (following >= 1)
        return np.where(known, following / np.where(known, (last - first) / 1e9, 1.0), np.nan)

    def _integers(self, name: str) -> npt.NDArray[np.int64]:
        return self._column(name).fill_null(0).to_numpy()


def _valid(array: Any) -> Flags:
    return array.is_valid().to_numpy(zero_copy_only=False)
