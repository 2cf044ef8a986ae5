"""A trace for the terminal: one line for each span, indented below its parent, with a bar on the trace's time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from firsttoken.analyse.trace_tree import Branch, TracedCall
from firsttoken.analyse.tracing import MOST_NAMED, SHORTEST_BEGINNING, NamedTrace, Trace, TraceNode
from firsttoken.cli import wording
from firsttoken.cli.plain import plain
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.errors import NoCallsError, SelectionError
from firsttoken.page.figures import counted

BAR: Final = 32
DEEPEST: Final = 20
"""Deeper spans are indented no further."""
PLACES: Final = {"orphan": " (its parent is not here)", "circle": " (its parents lead in a circle)"}
COLUMNS: Final = (
    Column("span", is_figure=False),
    Column("", spare=3),
    Column("start", spare=5),
    Column("duration"),
    Column("first token", spare=4),
    Column("calls", spare=2),
    Column("in", spare=2),
    Column("out", spare=2),
    Column("cost", spare=1),
    Column("outcome", spare=6, is_figure=False),
    Column("service", spare=7, is_figure=False),
    Column("id", spare=8, is_figure=False),
)


def not_one_trace(asked: str, below: str | None, meant: Sequence[NamedTrace]) -> SelectionError:
    """Those that it may mean are written to standard output."""
    if len(meant) == 1:
        return NoCallsError(f"the trace {meant[0].trace_id} has no span {below!r}: firsttoken trace lists them")
    if not meant:
        hint = (
            "firsttoken calls --json lists those of calls"
            if len(asked.strip()) >= SHORTEST_BEGINNING
            else f"give at least {SHORTEST_BEGINNING} letters of one"
        )
        return NoCallsError(f"no trace has the id {asked!r}: {hint}")
    columns = (Column("trace", is_figure=False), Column("started", is_figure=False))
    rows = [(Cell(each.trace_id), Cell(wording.moment(each.started_unix_ns, today=""))) for each in meant]
    print_table(columns, rows)
    number = f"{MOST_NAMED} traces or more" if len(meant) >= MOST_NAMED else f"{len(meant)} traces"
    return SelectionError(f"{asked!r} may mean {number}: give more of the id of one")


def print_trace(trace: Trace) -> None:
    """Writes to standard output."""
    total = trace.total
    print(f"trace {trace.trace_id}, {wording.moment(trace.started_unix_ns, today='')}")
    facts = [wording.nanoseconds(trace.duration_ns), counted(total.spans, "span"), wording.calls(total.calls)]
    if total.errors:
        facts.append(wording.errors(total.errors))
    if total.calls:
        facts += [f"{_tokens(total, total.input_tokens)} tokens in, {_tokens(total, total.output_tokens)} out"]
        facts.append(_cost(total))
    print(", ".join(facts))
    print()
    print_table(COLUMNS, [_row(trace, node) for node in trace.nodes])
    notes = list(_notes(trace))
    if notes:
        print()
    for note in notes:
        print(plain(note))


def _row(trace: Trace, node: TraceNode) -> Row:
    branch, call = node.branch, node.call
    has_calls = branch.calls > 0
    return (
        Cell(f"{'  ' * min(node.depth, DEEPEST)}{_name(node)}", "red" if node.is_error else ""),
        Cell(_bar(trace, node), "yellow" if call else "dim"),
        Cell(wording.nanoseconds(node.started_unix_ns - trace.started_unix_ns)),
        Cell(wording.nanoseconds(node.duration_ns)),
        Cell("" if call is None else wording.nanoseconds(call.first_token_ns)),
        Cell(wording.count(branch.calls) if has_calls and call is None else ""),
        Cell(_tokens(branch, branch.input_tokens) if has_calls else ""),
        Cell(_tokens(branch, branch.output_tokens) if has_calls else ""),
        Cell(_cost(branch) if has_calls else ""),
        Cell(call.outcome if call else "error" if node.is_error else "", "red" if node.is_error else ""),
        Cell(node.service),
        Cell(node.span_id),
    )


def _name(node: TraceNode) -> str:
    more = f" (+ {counted(node.left_out, 'span')} not shown)" if node.left_out else ""
    record = " (another record of a call)" if node.kind == "record" else ""
    return f"{_title(node)}{record}{PLACES.get(node.place, '')}{more}"


def _title(node: TraceNode) -> str:
    call = node.call
    return node.name if call is None or not call.model or call.model in node.name else f"{node.name} {call.model}"


def _bar(trace: Trace, node: TraceNode) -> str:
    """At least one letter, where the span is."""
    whole = max(trace.duration_ns, 1)
    first = min((node.started_unix_ns - trace.started_unix_ns) * BAR // whole, BAR - 1)
    length = min(max(1, round(max(node.duration_ns, 0) * BAR / whole)), BAR - first)
    waiting = round(length * _waiting_share(node.call, node.duration_ns))
    letter = "#" if node.call is not None and node.call.stream else "="
    return f"|{' ' * first}{'.' * waiting}{letter * (length - waiting)}{' ' * (BAR - first - length)}|"


def _waiting_share(call: TracedCall | None, duration_ns: int) -> float:
    if call is None or not call.stream or duration_ns <= 0:
        return 0.0
    return 1.0 if call.first_mark_ns is None else min(max(call.first_mark_ns / duration_ns, 0.0), 1.0)


def _tokens(branch: Branch, tokens: int) -> str:
    """Unknown where no call told any."""
    return wording.count(tokens if branch.calls_with_usage else None)


def _cost(branch: Branch) -> str:
    if not branch.unpriced_calls:
        return wording.total_cost(branch)
    return f"{wording.total_cost(branch)}+" if branch.cost else "unpriced"


def _notes(trace: Trace) -> Iterator[str]:
    waited = [f"{wording.nanoseconds(ns)} {kind}" for kind, ns in trace.critical_ns.items()]
    if len(waited) > 1:
        yield f"critical path: {', '.join(waited)}"
    if trace.total.unpriced_calls:
        yield f"unpriced: {wording.calls(trace.total.unpriced_calls)}, not in the cost"
    if trace.total.calls_without_usage:
        yield f"without usage: {wording.calls(trace.total.calls_without_usage)}, not in the tokens"
    if trace.left_out:
        spans = counted(trace.left_out, "span")
        yield f"not shown: {spans} of smaller branches, which are in the sums; --limit and --below show more"
    if trace.unread:
        yield f"not read: {counted(trace.unread, 'span')}, in no sum: the trace is too large"
    if trace.repeated:
        yield f"left out: {counted(trace.repeated, 'span')} with an id that an earlier one has"
    for skew in trace.skews:
        yield (
            f"clocks differ: {counted(skew.spans, 'span')} of {skew.service or 'an unnamed service'} began up to "
            f"{wording.nanoseconds(skew.largest_ns)} before the parent in {skew.parent_service or 'an unnamed service'}"
        )
