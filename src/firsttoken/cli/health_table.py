"""The health of a store, and of the server that writes it, for the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from firsttoken.analyse.answers import Health
from firsttoken.analyse.arriving import Emitter, StoreHealth
from firsttoken.cli import wording
from firsttoken.cli.plain import plain
from firsttoken.cli.sections import Fact, Section, print_sections
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures
from firsttoken.page.health_findings import NOTHING_YET, findings

NAMES: Final = {"calls": "calls", "spans": "other spans", "logs": "log records"}
COLUMNS: Final = (
    Column("service", is_figure=False),
    Column("instrumentation", is_figure=False),
    Column("words of", spare=1, is_figure=False),
    Column("calls"),
    Column("also seen", spare=3),
    Column("other spans", spare=2),
    Column("with content", spare=4),
    Column("latest", spare=5, is_figure=False),
)


def print_health(store: StoreHealth, server: Health | None) -> None:
    """Writes to standard output."""
    if store.emitters:
        print_table(COLUMNS, [_row(emitter) for emitter in store.emitters])
        if store.left_out:
            print("There are more of them: these are those that sent most.")
    else:
        print("Nothing has arrived yet. It may be that:")
        for reason in NOTHING_YET:
            print(f"- {reason}")
        print("firsttoken doctor -- python app.py finds out which.")
    print_sections(
        (
            Section("store", tuple(_of_store(store))),
            Section("counted once", tuple(_doubles(store))),
            Section("server", () if server is None else tuple(_of_server(server))),
        )
    )
    print()
    found = findings(server, store, time.time_ns())
    print("What wants attention:" if found else "Nothing wants attention.")
    for finding in found:
        print(f"- {finding.level}: {plain(finding.title)}")
        print(f"  {plain(finding.what_to_do)}")


def _row(emitter: Emitter) -> Row:
    content = f"{emitter.with_content} of {emitter.looked_at}" if emitter.looked_at else ""
    return (
        Cell(emitter.service or "unnamed"),
        Cell(emitter.scope or "unnamed"),
        Cell(emitter.dialect or "", "dim"),
        Cell(wording.count(emitter.calls)),
        Cell(wording.count(emitter.also_seen) if emitter.also_seen else ""),
        Cell(wording.count(emitter.spans) if emitter.spans else ""),
        Cell(content),
        Cell(wording.moment(emitter.last_unix_ns, today="")),
    )


def _of_store(store: StoreHealth) -> Iterator[Fact]:
    yield "place", store.store
    yield "size", "unknown" if store.size_bytes is None else _plain_size(store.size_bytes)
    for kept in store.kept:
        words = wording.count(kept.rows)
        if kept.first_unix_ns is not None and kept.last_unix_ns is not None:
            first, last = (wording.moment(each, today="") for each in (kept.first_unix_ns, kept.last_unix_ns))
            words = f"{words}, from {first} to {last}"
        yield NAMES[kept.name], words


def _doubles(store: StoreHealth) -> Iterator[Fact]:
    for double in store.doubles:
        first, *others = double.scopes
        yield (
            wording.calls(double.calls),
            f"{double.service or 'unnamed'}: {first}, recorded by {', '.join(others)} too",
        )


def _of_server(server: Health) -> Iterator[Fact]:
    yield "started", wording.moment(server.started_unix_ns, today="")
    yield "spans kept", wording.count(server.spans)
    yield "log records kept", wording.count(server.log_records)
    yield "metric points counted", wording.count(server.metric_points)
    yield "not kept", figures.counted(sum(server.refused_items.values()), "span or log record")
    yield "turned away", figures.counted(sum(server.refused_requests.values()), "request")
    if server.queue is not None and server.queue.capacity_bytes:
        waiting, most = (_plain_size(each) for each in (server.queue.waiting_bytes, server.queue.capacity_bytes))
        yield "waiting to be written", f"{waiting} of {most}"
    yield "limits", _limits(server)
    for name, endpoint in (("OTLP/HTTP", server.http_endpoint), ("OTLP/gRPC", server.grpc_endpoint)):
        if endpoint is not None:
            yield name, endpoint


def _limits(server: Health) -> str:
    keeping = server.keeping
    if keeping is None:
        return "none: nothing goes by itself"
    limits = keeping.limits
    age = "any age" if limits.max_age_s is None else figures.age(limits.max_age_s)
    size = "any size" if limits.max_size_bytes is None else _plain_size(limits.max_size_bytes)
    last = "not yet" if keeping.last_unix_ns is None else wording.moment(keeping.last_unix_ns, today="")
    return f"{age}, {size}; last looked at {last}; gone since the start: {wording.calls(keeping.removed.calls)}"


def _plain_size(size_bytes: int) -> str:
    return figures.megabytes(size_bytes).translate(wording.ASCII)
