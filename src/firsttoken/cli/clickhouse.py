"""`firsttoken clickhouse`: what a ClickHouse server needs."""

from __future__ import annotations

from typing import Final

import click

from firsttoken.analyse.moment import AGO, UNITS_S

MOST_DAYS: Final = 36_500
DAY_S: Final = 86_400


@click.group(short_help="Prepare a ClickHouse server.")
def clickhouse() -> None:
    """Prepare a ClickHouse server for the calls that a Collector writes there."""


def _read_days(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    del context
    if text is None:
        return None
    found = AGO.fullmatch(text.strip().lower())
    days = float(found[1]) * UNITS_S[found[2]] / DAY_S if found else 0.0
    if not (1 <= days <= MOST_DAYS and days.is_integer()):
        raise click.BadParameter(f"{text!r} is no number of days or weeks, such as 30d or 8w.", param=parameter)
    return int(days)


@clickhouse.command(short_help="Print the schema as SQL.")
@click.option(
    "--cluster", metavar="NAME", help="For all servers of this cluster, with each trace on one of its shards."
)
@click.option("--replicated", is_flag=True, help="With a copy of every row on each replica.")
@click.option("--ttl", "ttl_days", callback=_read_days, metavar="TIME", help="Drop rows when they are so old: 30d, 8w.")
@click.option("--backfill", is_flag=True, help="Instead: what takes in the spans that were there before the schema.")
def schema(cluster: str | None, replicated: bool, ttl_days: int | None, backfill: bool) -> None:
    """Print the tables and views that firsttoken reads, as SQL for clickhouse-client.

    It leaves alone what is there already, so that it may be run again:

        firsttoken clickhouse schema | clickhouse-client --database otel --multiquery
    """
    from firsttoken.clickhouse import schema as source

    if backfill:
        click.echo(f"{source.backfill()};")
        return
    click.echo(source.script(source.Variant(cluster=cluster, replicated=replicated, ttl_days=ttl_days)), nl=False)
