"""What every user, session or team cost: more of them than a label of a metric may have values."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard

from boards import links, words
from boards.frame import Title, board
from boards.links import Link
from boards.panels import SMALL, Column, Limits, Look, Words
from boards.questions import OF_GROUP, asked_figure, asked_lines, asked_rows, sql, variables

TITLE: Final = Title(
    "cost by user, from ClickHouse",
    links.CLICKHOUSE_COST,
    "What every user, session, agent, organization or project cost, however many there are.",
    since="now-24h",
)
TO_TRACE: Final = Link("The trace", f"/d/{links.CALLS}?var-trace=${{__value.raw}}&${{__url_time_range}}")
MONEY: Final = (
    Column("group", "group"),
    Column("currency", "currency"),
    Column("calls", "calls", "short"),
    Column("input tokens", "input tokens", "short"),
    Column("output tokens", "output tokens", "short"),
    Column("from cache", "from cache", "percentunit"),
    Column("unpriced", "unpriced", "percentunit"),
    Column("cost", "cost", "short"),
)
CALLS: Final = (
    Column("time", "time", "dateTimeAsIso"),
    Column("trace", "trace", link=TO_TRACE),
    Column("service", "service"),
    Column("model", "model"),
    Column("group", "group"),
    Column("outcome", "outcome"),
    Column("input tokens", "input tokens", "short"),
    Column("output tokens", "output tokens", "short"),
    Column("currency", "currency"),
    Column("cost", "cost", "short"),
)


def clickhouse_cost() -> Dashboard:
    third = replace(SMALL, width=8)
    return board(
        TITLE,
        variables(),
        [
            (
                "In this time range",
                [
                    asked_figure(
                        Words("Cost", "Sum over the calls that have a price, by currency.", words.NO_COST),
                        "short",
                        sql("cost_figures"),
                        third,
                    ),
                    asked_figure(
                        Words("Groups that spend", "How many of what is chosen at “By” cost anything.", words.NO_COST),
                        "short",
                        sql("spenders"),
                        third,
                    ),
                    asked_figure(
                        Words("Unpriced", "Share of calls whose cost is unknown, which is not zero.", words.NO_CALLS),
                        "percentunit",
                        sql("unpriced_share"),
                        replace(third, limits=Limits(0.05, 0.2)),
                    ),
                ],
            ),
            (
                "By group",
                [
                    asked_lines(
                        Words(
                            "Cost per hour",
                            "Of the ten costliest groups of each currency, at the rate of the moment; not stacked.",
                            words.NO_COST,
                        ),
                        "short",
                        "cost_over_time",
                        Look(width=24),
                    ).display_name(OF_GROUP),
                    asked_rows(
                        Words("Spending", "Each group, and each currency in which it was paid.", words.NO_CALLS),
                        MONEY,
                        "cost_by_group",
                    ),
                ],
            ),
            (
                "Calls",
                [
                    asked_rows(
                        Words("Costliest calls", "With the trace of each.", words.NO_COST),
                        CALLS,
                        "costliest_calls",
                    )
                ],
            ),
        ],
    )
