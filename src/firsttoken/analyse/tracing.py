"""One trace: its spans as a tree, with the tokens, cost and calls of every branch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import integer, integer_or_none, money_or_none, text, text_or_none, texts
from firsttoken.analyse.critical_path import critical_times
from firsttoken.analyse.options import AtMost, Options
from firsttoken.analyse.trace_tree import ERRORS, Branch, Kind, Piece, Place, TracedCall, Tree, together
from firsttoken.call import OPERATIONS
from firsttoken.semconv import names, own
from firsttoken.store import Reader, Row, Selection, Value, Warehouse

SHORTEST_BEGINNING: Final = 6
"""Fewer letters of an id are no id."""
MOST_NAMED: Final = 20
MOST_READ: Final = 100_000
"""Calls of one trace, and as many other spans. What is beyond is counted, and not read."""
MOST_SHOWN: Final = 2_000
WHOLE_ID: Final = 32

KINDS: Final[Mapping[str, Kind]] = {
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "workflow",
    "execute_tool": "tool",
    **dict.fromkeys(OPERATIONS, "record"),
    # `openinference.span.kind` and `traceloop.span.kind`
    "agent": "agent",
    "workflow": "workflow",
    "tool": "tool",
    "task": "step",
    "chain": "step",
    "llm": "record",
    "embedding": "record",
}
"""By what a span says it does, in small letters. A span that says it is a call and is none is another record of one."""
SAYING_KIND: Final = ("operation_name", "openinference_kind", "openllmetry_kind")
"""Columns of `trace_spans` and `spans_of_traces`."""
SAYING_AT: Final[Mapping[str, Value]] = {
    "operation_at": f"/{names.GEN_AI_OPERATION_NAME}",
    "openinference_at": "/openinference.span.kind",
    "openllmetry_at": "/traceloop.span.kind",
}
"""Where each is found, by the parameter of these questions."""
FOUND_AT: Final[Mapping[str, Value]] = {
    **SAYING_AT,
    "step_at": f"/{own.STEP_NAME}",
    "method_at": "/http.request.method",
    "older_method_at": "/http.method",
}
"""What tells the kind of a span, by the parameter of `trace_spans`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions(Options):
    """One trace, whatever else its store holds."""

    id: str
    """Its own, or that of one of its spans; or how one of these begins."""
    below: str | None = None
    """The id of a span: this branch alone."""
    limit: AtMost = MOST_SHOWN
    """At most so many spans: those of the largest branches."""

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One span in its tree."""

    span_id: str
    parent_span_id: str | None
    depth: int
    place: Place
    """`orphan` where the parent is not here, `circle` where its parents lead back to it: both stand as roots."""
    name: str
    kind: Kind
    service: str
    scope: str
    started_unix_ns: int
    duration_ns: int
    is_error: bool
    call: TracedCall | None
    branch: Branch
    """It and all below it, also what is left out."""
    critical_ns: int
    """How long the trace waited for this span alone: 0 where it is not on the critical path."""
    before_parent_ns: int
    """How long before its parent it says it began: 0 where it did not. Clocks of two machines may differ."""
    left_out: int
    """How many spans below it are not among the nodes, and hang on it directly or through others left out."""


@dataclass(frozen=True, slots=True)
class Skew:
    """Spans of one service that say they began before their parent in another one: their clocks differ."""

    service: str
    parent_service: str
    spans: int
    largest_ns: int


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One span as a row of a table. Sums are of its branch; a cost is there where it was in one currency."""

    depth: int
    span_id: str
    parent_span_id: str | None
    place: str
    kind: str
    name: str
    service: str
    started_unix_ns: int
    duration_s: float
    is_error: bool
    model: str | None
    outcome: str | None
    first_token_s: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    currency: str | None
    branch_spans: int
    branch_calls: int
    branch_errors: int
    branch_input_tokens: int
    branch_output_tokens: int
    branch_cost: Decimal | None
    branch_currency: str | None
    branch_unpriced_calls: int
    critical_s: float
    left_out: int


@dataclass(frozen=True, slots=True)
class Trace:
    """The nodes stand each after its parent, siblings by their start."""

    trace_id: str
    started_unix_ns: int
    duration_ns: int
    """From the first start to the last end, by the clocks of those who told."""
    services: tuple[str, ...]
    total: Branch
    """Of all that was read, whatever is left out of the nodes."""
    nodes: tuple[TraceNode, ...]
    left_out: int
    """How many spans are not among the nodes, of those that were asked for."""
    unread: int
    """How many more the trace has than are read at all: they are in no sum."""
    repeated: int
    """Spans whose id another one has: only the first in time is here."""
    skews: tuple[Skew, ...]
    critical_ns: dict[str, int]
    """How long the longest root waited for spans of each kind."""


@dataclass(frozen=True, slots=True)
class NamedTrace:
    """One of the traces that an id may mean."""

    trace_id: str
    started_unix_ns: int


@dataclass(frozen=True, slots=True)
class TraceAnswer:
    """One trace, or those that were meant."""

    trace: Trace | None
    """None unless the id means one trace alone."""
    named: tuple[NamedTrace, ...]

    @property
    def rows(self) -> tuple[TraceRow, ...]:
        return () if self.trace is None else tuple(map(_row, self.trace.nodes))


def trace(reader: Reader, options: TraceOptions) -> TraceAnswer:
    """Raises StoreError."""
    asked = options.id.strip().lower()
    if len(asked) == WHOLE_ID and (found := _trace(reader, asked, options)) is not None:
        return TraceAnswer(found, (NamedTrace(found.trace_id, found.started_unix_ns),))
    if len(asked) < SHORTEST_BEGINNING:
        return TraceAnswer(None, ())
    rows = reader.ask("traces_named", {"id": asked, "most": MOST_NAMED})
    meant = [row for row in rows if row["named_whole"]] or rows
    named = tuple(NamedTrace(text(row, "trace_id"), integer(row, "started_unix_ns")) for row in meant)
    return TraceAnswer(_trace(reader, named[0].trace_id, options) if len(named) == 1 else None, named)


def find_trace(
    warehouse: Warehouse, trace_id: str, *, below: str | None = None, limit: int = MOST_SHOWN
) -> Trace | None:
    """By its whole id; None where there is no such trace, or no such span in it. Raises StoreError."""
    with warehouse.read() as reader:
        return _trace(reader, trace_id, TraceOptions(id=trace_id, below=below, limit=limit))


def tree_of(reader: Reader, trace_id: str) -> Tree:
    """All that is read of a trace."""
    asked: dict[str, Value] = {"trace_id": trace_id, "most": MOST_READ}
    calls = map(_call_piece, reader.ask("trace_calls", asked))
    return Tree([*calls, *map(_span_piece, reader.ask("trace_spans", {**asked, **FOUND_AT}))])


def _trace(reader: Reader, trace_id: str, options: TraceOptions) -> Trace | None:
    tree = tree_of(reader, trace_id)
    below = None if options.below is None else tree.number_of(options.below.strip().lower())
    if not tree.pieces or (options.below is not None and below is None):
        return None
    roots = tree.roots if below is None else [below]
    nodes = nodes_of(tree, roots, options.limit)
    total = together(tree.branches[root] for root in roots)
    started = min(tree.begins[root] for root in roots)
    return Trace(
        trace_id=trace_id,
        started_unix_ns=started,
        duration_ns=max(tree.ends[root] for root in roots) - started,
        services=tuple(dict.fromkeys(piece.service for piece in tree.pieces)),
        total=total,
        nodes=tuple(nodes),
        left_out=total.spans - len(nodes),
        unread=_unread(reader, trace_id, tree),
        repeated=tree.repeated,
        skews=_skews(tree),
        critical_ns=_critical_kinds(tree, _longest(tree, roots)),
    )


def nodes_of(tree: Tree, roots: Sequence[int], limit: int) -> list[TraceNode]:
    """At most so many of these branches."""
    chosen = tree.largest(limit, roots)
    critical = critical_times(tree, _longest(tree, roots))
    return [
        node_of(tree, number, depth, critical.get(number, 0), chosen)
        for number, depth in tree.walk(roots, chosen.__contains__)
    ]


def node_of(tree: Tree, number: int, depth: int, critical_ns: int, chosen: set[int]) -> TraceNode:
    piece = tree.pieces[number]
    return TraceNode(
        span_id=piece.span_id,
        parent_span_id=piece.parent_span_id,
        depth=depth,
        place=tree.places[number],
        name=piece.name,
        kind=piece.kind,
        service=piece.service,
        scope=piece.scope,
        started_unix_ns=piece.started_unix_ns,
        duration_ns=piece.ended_unix_ns - piece.started_unix_ns,
        is_error=piece.is_error,
        call=piece.call,
        branch=tree.branches[number],
        critical_ns=critical_ns,
        before_parent_ns=_before_parent_ns(tree, number),
        left_out=sum(tree.branches[child].spans for child in tree.children[number] if child not in chosen),
    )


def _before_parent_ns(tree: Tree, number: int) -> int:
    parent = tree.parent_of(number)
    if parent is None:
        return 0
    return max(0, tree.pieces[parent].started_unix_ns - tree.pieces[number].started_unix_ns)


def _skews(tree: Tree) -> tuple[Skew, ...]:
    """By the pair of services, the largest first."""
    spans: Counter[tuple[str, str]] = Counter()
    largest: dict[tuple[str, str], int] = {}
    for number, piece in enumerate(tree.pieces):
        parent, before_ns = tree.parent_of(number), _before_parent_ns(tree, number)
        if parent is None or not before_ns or tree.pieces[parent].service == piece.service:
            continue
        pair = (piece.service, tree.pieces[parent].service)
        spans[pair] += 1
        largest[pair] = max(before_ns, largest.get(pair, 0))
    found = [Skew(*pair, spans[pair], largest[pair]) for pair in spans]
    return tuple(sorted(found, key=lambda skew: -skew.largest_ns))


def _longest(tree: Tree, roots: Sequence[int]) -> int:
    return max(roots, key=lambda root: (tree.pieces[root].ended_unix_ns - tree.pieces[root].started_unix_ns, -root))


def _critical_kinds(tree: Tree, root: int) -> dict[str, int]:
    times: Counter[str] = Counter()
    for number, ns in critical_times(tree, root).items():
        kind = tree.pieces[number].kind
        times["call" if kind == "record" else kind] += ns
    return {kind: ns for kind, ns in times.most_common() if ns}


def _unread(reader: Reader, trace_id: str, tree: Tree) -> int:
    """What is beyond the limits: looked for only where one was reached."""
    if len(tree.pieces) + tree.repeated < MOST_READ:
        return 0
    (sizes,) = reader.ask("trace_sizes", {"trace_id": trace_id})
    return sum(max(0, integer(sizes, column) - MOST_READ) for column in ("calls", "others"))


def _call_piece(row: Row) -> Piece:
    first_token_ns, outcome = integer_or_none(row, "first_token_ns"), text(row, "outcome")
    return Piece(
        span_id=text(row, "span_id"),
        parent_span_id=text_or_none(row, "parent_span_id"),
        name=text(row, "name"),
        kind="call",
        service=text(row, "service"),
        scope=text(row, "scope"),
        started_unix_ns=integer(row, "started_unix_ns"),
        ended_unix_ns=integer(row, "started_unix_ns") + integer(row, "duration_ns"),
        is_error=outcome in ERRORS,
        call=TracedCall(
            provider=text(row, "provider"),
            model=text_or_none(row, "model_name"),
            operation=text(row, "operation"),
            stream=bool(row["stream"]),
            outcome=outcome,
            first_token_ns=first_token_ns,
            first_mark_ns=integer_or_none(row, "first_chunk_ns") if first_token_ns is None else first_token_ns,
            input_tokens=integer_or_none(row, "input_tokens"),
            output_tokens=integer_or_none(row, "output_tokens"),
            without_usage=bool(row["without_usage"]),
            cost=money_or_none(row, "cost_total"),
            currency=text_or_none(row, "cost_currency"),
            unpriced=bool(row["unpriced"]),
            seen_by=tuple(texts(row, "seen_by") if row["seen_by"] else [text(row, "scope")]),
        ),
    )


def _span_piece(row: Row) -> Piece:
    return Piece(
        span_id=text(row, "span_id"),
        parent_span_id=text_or_none(row, "parent_span_id"),
        name=text(row, "name"),
        kind=_kind(row),
        service=text(row, "service"),
        scope=text(row, "scope"),
        started_unix_ns=integer(row, "started_unix_ns"),
        ended_unix_ns=integer(row, "ended_unix_ns"),
        is_error=row["status"] == "error",
    )


def said_kind(row: Row) -> Kind | None:
    """What a span says it is, in any of the words that name it; None where it does not say."""
    for column in SAYING_KIND:
        word = text_or_none(row, column)
        if word is not None and (known := KINDS.get(word.lower())) is not None:
            return known
    return None


def _kind(row: Row) -> Kind:
    said = said_kind(row)
    if said is not None:
        return said
    if row["step_name"] is not None:
        return "step"
    return "other" if row["http_method"] is None else "http"


def _row(node: TraceNode) -> TraceRow:
    call, branch = node.call, node.branch
    currency, cost = only_cost(branch.cost)
    return TraceRow(
        depth=node.depth,
        span_id=node.span_id,
        parent_span_id=node.parent_span_id,
        place=node.place,
        kind=node.kind,
        name=node.name,
        service=node.service,
        started_unix_ns=node.started_unix_ns,
        duration_s=node.duration_ns / 1e9,
        is_error=node.is_error,
        model=None if call is None else call.model,
        outcome=None if call is None else call.outcome,
        first_token_s=None if call is None or call.first_token_ns is None else call.first_token_ns / 1e9,
        input_tokens=None if call is None else call.input_tokens,
        output_tokens=None if call is None else call.output_tokens,
        cost=None if call is None else call.cost,
        currency=None if call is None else call.currency,
        branch_spans=branch.spans,
        branch_calls=branch.calls,
        branch_errors=branch.errors,
        branch_input_tokens=branch.input_tokens,
        branch_output_tokens=branch.output_tokens,
        branch_cost=cost,
        branch_currency=currency,
        branch_unpriced_calls=branch.unpriced_calls,
        critical_s=node.critical_ns / 1e9,
        left_out=node.left_out,
    )


def only_cost(cost: Mapping[str, Decimal]) -> tuple[str, Decimal] | tuple[None, None]:
    """What was paid in one currency alone."""
    return next(iter(cost.items())) if len(cost) == 1 else (None, None)


TRACE: Final = Answer("trace", TraceOptions, TraceAnswer, trace)
