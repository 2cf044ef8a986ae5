"""The schema as ClickHouse statements: one source for a single server, for replicas and for a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Final

from firsttoken.clickhouse.buckets import (
    NEAR_BUCKETS,
    QUIET_S,
    UNSETTLED,
    WIDTH_NS,
    bucket_of,
    several,
    to_settle,
    unsettled,
)
from firsttoken.clickhouse.columns import Typed, call_columns, shared_expressions, span_events
from firsttoken.clickhouse.dialects import senders
from firsttoken.clickhouse.expressions import is_call
from firsttoken.clickhouse.layers import found_out
from firsttoken.clickhouse.texts import named, quoted
from firsttoken.semconv import own

PACKAGE: Final = "firsttoken.clickhouse"
ROWS: Final = "firsttoken_call_rows"
BUCKETS: Final = "firsttoken_buckets"
TABLES: Final = {"otel_traces": "TraceId", "otel_logs": "TraceId", ROWS: "trace_id", BUCKETS: "bucket"}
"""Every table that keeps rows, and the column by which a cluster spreads them: a trace stands on one shard."""
SETTLING: Final = {"firsttoken_layers_settle": ROWS, "firsttoken_buckets_settle": BUCKETS}
"""What is found out every minute, and the table that keeps it."""
NEWS: Final = "firsttoken_news"
VIEWS: Final = ("firsttoken_calls", "firsttoken_settled_calls", "firsttoken_spans", "firsttoken_logs")
LONG: Final = ("attributes", "content", "resource", "events")
"""What a record does not keep in its row that is but a layer of a call: its span has it."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Which schema is wanted."""

    cluster: str | None = None
    """The name of a cluster of the server's configuration; None for one server."""
    replicated: bool = False
    ttl_days: int | None = None
    """After how many days rows go; None keeps them."""


def statements(variant: Variant) -> Iterator[str]:
    """Each statement that makes the schema, in order. All of them may be run again."""
    for table in TABLES:
        yield from _tables(table, variant)
    yield _fill(variant)
    yield _template("firsttoken_buckets_fill").substitute(_words(variant, "firsttoken_buckets_fill"))
    for job, target in SETTLING.items():
        yield _every_minute(job, target, variant)
    yield _template(NEWS).substitute(_words(variant, _local(NEWS, variant)))
    for view in VIEWS:
        yield from _views(view, variant)


def settling(*, quiet_s: int = QUIET_S) -> Iterator[str]:
    """What one server itself does every minute."""
    for job, target in SETTLING.items():
        yield f"INSERT INTO {target}\n{_settled(job, Variant(), quiet_s)}"


def backfill() -> str:
    """Fills the calls from spans that were there before the schema."""
    return f"INSERT INTO {ROWS} ({_names()})\n{_selection('otel_traces')}"


def script(variant: Variant) -> str:
    """The statements as one text."""
    return "\n".join(f"{statement.rstrip()};\n" for statement in statements(variant))


def _tables(table: str, variant: Variant) -> Iterator[str]:
    local = _local(table, variant)
    yield _template(table).substitute(_words(variant, local))
    if variant.cluster is not None:
        yield (
            f"CREATE TABLE IF NOT EXISTS {table} ON CLUSTER {_identifier(variant.cluster)} AS {local}\n"
            f"ENGINE = Distributed({_identifier(variant.cluster)}, currentDatabase(), {local}, "
            f"cityHash64({TABLES[table]}))"
        )


def _fill(variant: Variant) -> str:
    """The materialized view that makes a row of every call as its span arrives."""
    source, target = _local("otel_traces", variant), _local(ROWS, variant)
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS firsttoken_call_rows_fill{_on_cluster(variant)} TO {target} AS\n"
        f"{_selection(source)}"
    )


def _every_minute(job: str, target: str, variant: Variant) -> str:
    """Replicas take turns by chance, so that what one has found out the other need not."""
    return (
        f"CREATE MATERIALIZED VIEW IF NOT EXISTS {job}{_on_cluster(variant)}\n"
        f"REFRESH EVERY 1 MINUTE RANDOMIZE FOR 30 SECOND APPEND TO {_local(target, variant)} EMPTY AS\n"
        f"{_settled(job, variant, QUIET_S)}"
    )


def _settled(job: str, variant: Variant, quiet_s: int) -> str:
    rows, buckets = _local(ROWS, variant), _local(BUCKETS, variant)
    next_ones = to_settle(buckets, quiet_s)
    words = {
        "to_settle": next_ones,
        "near_to_settle": f"SELECT {NEAR_BUCKETS} FROM ({next_ones})",
        "found_out": found_out(rows, f"SELECT bucket FROM ({next_ones})"),
        "columns": ",\n".join(f"    {_kept(column)}" for column in call_columns()),
    }
    return _template(job).substitute(_words(variant, job) | words)


def _kept(column: Typed) -> str:
    if column.name not in LONG:
        return column.name
    return f"if(is_layer, CAST([], {quoted(column.type)}), {column.name}) AS {column.name}"


def _views(view: str, variant: Variant) -> Iterator[str]:
    """On a cluster each server answers for its own traces."""
    local = _local(view, variant)
    yield _template(view).substitute(_words(variant, local))
    if variant.cluster is not None:
        cluster = _identifier(variant.cluster)
        everywhere = f"{view}_everywhere"
        yield (
            f"CREATE OR REPLACE TABLE {everywhere} ON CLUSTER {cluster} AS {local}\n"
            f"ENGINE = Distributed({cluster}, currentDatabase(), {local})"
        )
        yield f"CREATE OR REPLACE VIEW {view} ON CLUSTER {cluster} AS\nSELECT * FROM {everywhere}"


def _selection(source: str) -> str:
    columns = ",\n".join(f"    {column.expression} AS {column.name}" for column in call_columns())
    return f"WITH\n{_shared(shared_expressions())}\nSELECT\n{columns}\nFROM {source}\nWHERE {is_call()}"


def _shared(expressions: Mapping[str, str]) -> str:
    return ",\n".join(f"    {expression} AS {name}" for name, expression in expressions.items())


def _names() -> str:
    return ", ".join(column.name for column in call_columns())


def _words(variant: Variant, name: str) -> dict[str, str]:
    rows, buckets = _local(ROWS, variant), _local(BUCKETS, variant)
    open_ones = unsettled(buckets)
    return {
        "name": name,
        **{name: _local(name, variant) for name in (*TABLES, NEWS)},
        "bucket": bucket_of("started_unix_ns"),
        "found_out": found_out(rows, open_ones),
        "several": several(buckets),
        "unsettled": UNSETTLED,
        "is_open": f"(SELECT count() > 0 FROM ({open_ones}))",
        "near_open": f"SELECT {NEAR_BUCKETS} FROM ({open_ones})",
        "on_cluster": _on_cluster(variant),
        "merge_tree": "ReplicatedMergeTree" if variant.replicated else "MergeTree",
        "replacing": "ReplicatedReplacingMergeTree" if variant.replicated else "ReplacingMergeTree",
        "ttl_of_timestamp": _ttl("toDateTime(Timestamp)", variant),
        "aggregating": "ReplicatedAggregatingMergeTree" if variant.replicated else "AggregatingMergeTree",
        "ttl_of_bucket": _ttl(f"toDateTime(fromUnixTimestamp64Nano((bucket + 1) * {WIDTH_NS}, 'UTC'))", variant),
        "ttl_of_start": _ttl("toDateTime(fromUnixTimestamp64Nano(started_unix_ns, 'UTC'))", variant),
        "columns": ",\n".join(f"    {column.name} {column.type} CODEC(ZSTD(1))" for column in call_columns()),
        "names": ",\n".join(f"    {column.name}" for column in call_columns()),
        "senders": _shared(senders()),
        "is_call": is_call(),
        "events": span_events(),
        "run": named(own.RUN_ID, "ResourceAttributes"),
    }


def _on_cluster(variant: Variant) -> str:
    return "" if variant.cluster is None else f" ON CLUSTER {_identifier(variant.cluster)}"


def _local(table: str, variant: Variant) -> str:
    return table if variant.cluster is None else f"{table}_local"


def _ttl(moment: str, variant: Variant) -> str:
    return "" if variant.ttl_days is None else f"TTL {moment} + toIntervalDay({variant.ttl_days})\n"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


@cache
def _template(name: str) -> Template:
    return Template((files(PACKAGE) / "templates" / f"{name}.sql").read_text(encoding="utf-8"))
