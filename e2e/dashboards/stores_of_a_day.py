"""Prometheus and ClickHouse that have the day of the pictures, by way of the real gateway."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import yaml
from a_day import Day
from clickhouse.server import PASSWORD, USER, new_database, settle
from clickhouse.server import running as engine
from clickhouse_connect.driver.client import Client
from dashboards.promtool import FOLDER
from e2e.dashboards import a_day
from e2e.gateway import TRUSTED, gateway
from e2e.programs import built, prometheus
from e2e.queries import asked, values
from e2e.sink import grpc_sink, http_sink
from e2e.stores import Tempo, tempo
from e2e.testbed.collector import COLLECTOR
from e2e.testbed.commands import run
from e2e.testbed.debian import DEBIAN
from patience import until

END: Final = int(datetime(2026, 11, 18, 14, 58, tzinfo=UTC).timestamp())
"""Always the same, so that pictures that are taken anew differ in what the boards are."""
AFTER_H: Final = 4
"""For so long the day goes on, so that Prometheus puts what the pictures show into blocks: beside what is in none yet,
results of rules cannot be laid."""
LATE: Final = "200h"
RULES: Final = ("recording.yaml", "budgets.example.yaml")
RECORDED: Final = re.compile(r"firsttoken:\w+(?::\w+)?")
"""The name of what a rule works out."""
MADE: Final = (9000, 600)
"""Calls of their own, and runs of an agent."""
TRACED: Final = (900, 70)
"""The same, for Tempo."""
ROOTS: Final = "SELECT count() FROM otel_traces WHERE ParentSpanId = ''"
PATIENCE_S: Final = 300


@contextmanager
def metrics_of_a_day(folder: Path) -> Iterator[str]:
    """Prometheus with the day, and with what the rules would have worked out by its end."""
    place = gateway(built(COLLECTOR, "collector"), folder)
    with (
        http_sink(place.logs),
        grpc_sink(place.traces),
        prometheus(folder, place.prometheus, late=LATE) as url,
    ):
        with place.running():
            a_day.tell(f"127.0.0.1:{place.grpc}", END - a_day.WEEK_S, 25, 300, share=0.4, seed=4)
            a_day.tell(f"127.0.0.1:{place.grpc}", END, 25, after=AFTER_H)
            until(lambda: head_began(url) >= END, PATIENCE_S)
        for rules in in_turn():
            work_out(rules, url, folder)
            found = f'{{__name__=~"{"|".join(rule["record"] for rule in rules)}"}} @ {END}'
            until(lambda series=found: bool(values(url, series)), PATIENCE_S)
        yield url


def head_began(url: str) -> float:
    """When what Prometheus has put into no block yet began."""
    return asked(url, "status/tsdb")["headStats"]["minTime"] / 1000


def in_turn() -> Iterator[list[dict[str, str]]]:
    """Rules that can be worked out at once, those first that others ask for."""
    files = [yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")) for name in RULES]
    left = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    while left:
        missing = {rule["record"] for rule in left}
        ready = [rule for rule in left if missing.isdisjoint(RECORDED.findall(rule["expr"]))]
        yield ready
        left = [rule for rule in left if rule not in ready]


def work_out(rules: list[dict[str, str]], url: str, folder: Path) -> None:
    """Prometheus finds it within a minute."""
    file, blocks = folder / "turn.json", folder / "blocks"
    file.write_text(json.dumps({"groups": [{"name": "turn", "rules": rules}]}))
    promtool = built(DEBIAN, "usr/bin/promtool")
    span = ["--start", str(END - 24 * 3600), "--end", str(END), "--eval-interval", "5m"]
    run([promtool, "tsdb", "create-blocks-from", "rules", "--url", url, "--output-dir", blocks, *span, file], folder)
    for block in blocks.iterdir():
        shutil.move(block, folder / "data" / block.name)


@contextmanager
def calls_of_a_day(folder: Path) -> Iterator[Client]:
    """ClickHouse with a day of one application."""
    with engine() as server:
        database = new_database(server)
        place = gateway(
            built(COLLECTOR, "collector"),
            folder,
            CLICKHOUSE_ENDPOINT=f"http://127.0.0.1:{server.port}",
            CLICKHOUSE_USER=USER,
            CLICKHOUSE_PASSWORD=PASSWORD,
            CLICKHOUSE_DATABASE=database.name,
            CLICKHOUSE_COMPRESS="none",
            CLICKHOUSE_FLUSH="100ms",
            METRICS_EXPORTER="prometheus",
        )
        with place.running(*TRUSTED, "clickhouse.yaml"):
            Day(f"http://127.0.0.1:{place.http}", END * a_day.NS).send(*MADE)
            until(lambda: database.client.query(ROOTS).result_rows == [(sum(MADE) + 1,)], PATIENCE_S)
        settle(database.client)
        yield database.client


@contextmanager
def traces_of_a_day(folder: Path) -> Iterator[Tempo]:
    """Tempo with a day of one application."""
    place = gateway(built(COLLECTOR, "collector"), folder, METRICS_EXPORTER="prometheus")
    with tempo(folder, place.traces) as store, http_sink(place.logs), place.running():
        Day(f"http://127.0.0.1:{place.http}", END * a_day.NS).send(*TRACED)
        until(lambda: len(store.searched("{}", limit=2 * sum(TRACED))) == sum(TRACED) + 1, PATIENCE_S)
        yield store
