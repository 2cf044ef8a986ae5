"""How long every user, session or team waits: exactly, and for more of them than a metric can tell apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from boards import links, words
from boards.clickhouse_cost import TO_TRACE
from boards.frame import Title, board
from boards.panels import SMALL, Column, Limits, Words
from boards.questions import OF_GROUP, asked_figure, asked_lines, asked_rows, sql, variables

TITLE: Final = Title(
    "latency by user, from ClickHouse",
    links.CLICKHOUSE_LATENCY,
    "How long every user, session, agent, organization or project waits: exactly, with no histogram between.",
)
WAITS: Final = (
    Column("group", "group"),
    Column("calls", "calls", "short"),
    Column("streams", "streams", "short"),
    Column("first token p50", "first token p50", "s"),
    Column("generation p95", "generation p95", "s"),
    Column("duration p95", "duration p95", "s"),
    Column("stalls", "stalls", "short"),
    Column("failed", "failed", "percentunit"),
    Column("first token p95", "first token p95", "s"),
)
CALLS: Final = (
    Column("time", "time", "dateTimeAsIso"),
    Column("trace", "trace", link=TO_TRACE),
    Column("service", "service"),
    Column("model", "model"),
    Column("group", "group"),
    Column("outcome", "outcome"),
    Column("input tokens", "input tokens", "short"),
    Column("duration", "duration", "s"),
    Column("first token", "first token", "s"),
)


def clickhouse_latency() -> Dashboard:
    third = replace(SMALL, width=8, limits=Limits(3, 10))
    return board(
        TITLE,
        variables(),
        [
            (
                "In this time range",
                [
                    asked_figure(
                        Words(f"First token p{q * 100:g}", "Over all chosen streams, exactly.", words.NO_STREAMS),
                        "s",
                        sql("first_token_share", quantile=q),
                        third,
                    )
                    for q in (0.5, 0.95, 0.99)
                ],
            ),
            (
                "Over time",
                [
                    asked_lines(
                        Words("First token", "Of all streams that are chosen, exactly.", words.NO_STREAMS),
                        "s",
                        "first_token_over_time",
                    ),
                    asked_lines(
                        Words("First token p95 by group", "Of the ten groups with the most streams.", words.NO_STREAMS),
                        "s",
                        "slowest_groups_over_time",
                    ).display_name(OF_GROUP),
                ],
            ),
            (
                "By group",
                [
                    asked_rows(
                        Words("Waiting", "Each group in this time range.", words.NO_CALLS), WAITS, "latency_by_group"
                    )
                ],
            ),
            (
                "Calls",
                [
                    asked_rows(
                        Words("Slowest first tokens", "With the trace of each.", words.NO_STREAMS),
                        CALLS,
                        "slowest_calls",
                    )
                ],
            ),
        ],
    )
