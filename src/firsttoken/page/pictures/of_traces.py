"""Traces as pictures: the list of them, and the tree of one with its waterfall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from firsttoken.analyse.newest_traces import TraceLine
from firsttoken.analyse.tracing import Trace, TraceNode
from firsttoken.page import figures
from firsttoken.page.bar import common_scale
from firsttoken.page.pictures.colours import GENERATING, SPANS, WAITING, WHOLE
from firsttoken.page.pictures.of_list import TRACK
from firsttoken.page.pictures.picture import (
    Bar,
    Cell,
    Figure,
    Head,
    Key,
    Notes,
    Part,
    Picture,
    Rows,
    Shape,
    Strip,
    Words,
)
from firsttoken.page.pictures.words import about, sums, unpriced
from firsttoken.page.waterfall import KIND_WORDS, WIDTH, Axis, axis_of, branch_tokens
from firsttoken.store import Selection

SUMS: Final = ("Tokens in", "Out", "Cost")
KEYS: Final = (
    Key(WAITING, "waiting for the first token"),
    Key(GENERATING, "generating"),
    Key(WHOLE, "whole answer"),
)


def traces_picture(found: Sequence[TraceLine], selection: Selection, most: int) -> Picture:
    """`most` of them at most. Where there are more, that is said."""
    lines = found[:most]
    scale = common_scale(line.duration_ns / 1e6 for line in lines)
    heads = (
        Head("Last call", "label"),
        Head("Trace", "words"),
        Head(kind="bar", ticks=("0", figures.duration_ns(scale * 1e6))),
        *map(Head, ("Duration", "Calls", "Errors", "Spans", *SUMS)),
    )
    rows = tuple(_line(line, scale) for line in lines)
    note = "that with the newest call first"
    if len(found) > most:
        note += f", {figures.count(most)} of more traces"
    return Picture("Traces", about(selection, "of "), (), (Rows("Traces", heads, rows, note),))


def _line(line: TraceLine, scale: float) -> tuple[Cell, ...]:
    return (
        Words(figures.clock(line.latest_unix_ns)[:8], figures.day(line.latest_unix_ns)[5:], tone="quiet"),
        Words(line.name or "unnamed span", line.service, tone="strong"),
        Bar((TRACK, Shape(0.0, line.duration_ns / 1e6 / scale, WHOLE))),
        Words(figures.duration_ns(line.duration_ns)),
        Words(figures.count(line.calls)),
        Words(figures.count(line.errors), tone="bad" if line.errors else "plain"),
        Words(figures.count(line.spans)),
        Words(figures.count(line.input_tokens)),
        Words(figures.count(line.output_tokens)),
        Words(sums(line.cost, line.unpriced_calls), unpriced(line.unpriced_calls)),
    )


def trace_picture(trace: Trace, name: str) -> Picture:
    total = trace.total
    axis = axis_of(trace)
    began = f"{figures.day(trace.started_unix_ns)} {figures.clock(trace.started_unix_ns)}"
    return Picture(
        name,
        f"{began} · {', '.join(service or 'unnamed service' for service in trace.services[:6])} · {trace.trace_id}",
        (
            Figure("Duration", figures.duration_ns(trace.duration_ns)),
            Figure(
                "Spans",
                figures.count(total.spans),
                f"{figures.count(len(trace.nodes))} shown" if trace.left_out else "",
            ),
            Figure("Calls", figures.count(total.calls)),
            Figure("Errors", figures.count(total.errors), is_bad=total.errors > 0),
            Figure("Tokens in", branch_tokens(total, total.input_tokens) or "0"),
            Figure("Tokens out", branch_tokens(total, total.output_tokens) or "0"),
            Figure("Cost", sums(total.cost, total.unpriced_calls), unpriced(total.unpriced_calls)),
        ),
        tuple(_parts(trace, axis)),
    )


def _parts(trace: Trace, axis: Axis) -> Iterator[Part]:
    if len(trace.critical_ns) > 1:
        yield _waited(trace)
    heads = (
        Head("Span", "words"),
        Head(kind="bar", ticks=tuple(axis.ticks())),
        *map(Head, ("Duration", "Calls", *SUMS)),
    )
    yield Rows("Spans", heads, tuple(_node(node, axis) for node in trace.nodes), "with the sums of each branch", KEYS)
    if trace.left_out:
        words = f"{figures.counted(trace.left_out, 'span')} of smaller branches are not drawn. The sums have them."
        yield Notes("Not drawn", (Words(words),))


def _waited(trace: Trace) -> Strip:
    longest = sum(trace.critical_ns.values())
    shapes: list[Shape] = []
    begin = 0.0
    for kind, ns in trace.critical_ns.items():
        shapes.append(Shape(begin, ns / longest, SPANS[kind]))
        begin += ns / longest
    keys = (Key(SPANS[kind], f"{KIND_WORDS[kind]} {figures.duration_ns(ns)}") for kind, ns in trace.critical_ns.items())
    return Strip("What it waited for", Bar(tuple(shapes)), tuple(keys))


def _node(node: TraceNode, axis: Axis) -> tuple[Cell, ...]:
    shape, branch = axis.bar(node), node.branch
    begin = shape.begin / WIDTH
    colour = WHOLE if node.call else SPANS[node.kind]
    parts = ((shape.whole, colour), (shape.waiting, WAITING), (shape.generating, GENERATING))
    shapes: list[Shape] = [TRACK]
    for length, of in parts:
        if length:
            shapes.append(Shape(begin, length / WIDTH, of))
            begin += length / WIDTH
    model = node.call.model if node.call and node.call.model and node.call.model not in node.name else ""
    more = " · ".join(part for part in (model, KIND_WORDS[node.kind], node.service) if part)
    return (
        Words(node.name, more, "bad" if node.is_error else "strong" if node.call else "plain", node.depth),
        Bar(tuple(shapes)),
        Words(figures.duration_ns(node.duration_ns)),
        Words(figures.count(branch.calls) if branch.calls else ""),
        Words(branch_tokens(branch, branch.input_tokens)),
        Words(branch_tokens(branch, branch.output_tokens)),
        Words(sums(branch.cost, branch.unpriced_calls), unpriced(branch.unpriced_calls)) if branch.calls else Words(""),
    )
