"""Whether what the other boards show can be believed: who reports, and what was lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from grafana_foundation_sdk.models.dashboard import Dashboard
from rules.recorded import burn

from boards import links, words
from boards import queries as ask
from boards.collector import collector
from boards.frame import Title, board
from boards.panels import A_MINUTE, SMALL, Column, Limits, Look, PanelBuilder, Query, Words, figure, lines, rows
from boards.queries import LOST, LOST_REASON, OF_PROCESSES, RANGE, RESOURCES, SERVICE, named, of_process, total
from boards.variables import for_processes

TITLE: Final = Title("fleet health", links.FLEET, "Who reports, what was lost on the way, and what is not known.")
SDK_VERSION: Final = "telemetry_sdk_version"
REPORTING: Final = of_process(RESOURCES)
WITH_SDK: Final = of_process(RESOURCES, f'{SDK_VERSION}!=""')
OF_LOSSES: Final = (LOST, LOST_REASON)
LOSSES_NOW: Final = ask.per_minute(of_process(ask.LOSSES), OF_LOSSES)
LOST_AT_ALL: Final = f"{total('increase', of_process(ask.LOSSES), RANGE + ' @ end()', OF_LOSSES)} > 0"
"""A line for what was lost in the time range, 0 where it was not; none for what could have been lost."""
EVERY_MINUTE: Final = f"{RANGE[:-1]}:1m]"
"""A series that nobody told of for five minutes is not there any more: it is looked for in all of the time range."""
ACTIVE: Final = ask.now(of_process(ask.ACTIVE_CALLS))


def fleet() -> Dashboard:
    return board(
        TITLE,
        for_processes(),
        [("Now", _figures()), ("Losses", _losses()), ("Who reports", _reporting()), ("On the way", collector())],
    )


def _figures() -> Sequence[PanelBuilder]:
    processes = f"count ({REPORTING})"
    services = f"count (count by ({SERVICE}) ({of_process(ask.ACTIVE_CALLS)}))"
    kinds = (
        ("Lost calls", "calls", "Calls of which no signal at all was made, because a queue was full."),
        (
            "Lost spans",
            "spans",
            "Spans that were made and not delivered. Metrics of their calls are right all the same.",
        ),
        ("Lost log records", "logs", "Log events and provider traces that were made and not delivered."),
        (
            "Failed exports of metrics",
            "metrics",
            "The next export says what adds up again; a process that ends has no next.",
        ),
    )
    return [
        figure(
            Words("Services", "That have made calls and report now.", words.NO_PROCESSES),
            "short",
            Query(services),
        ),
        figure(
            Words(
                "Processes",
                "Resources of which metrics come now, of services that make calls and others.",
                "nothing reports",
            ),
            "short",
            Query(processes),
        ),
        *(
            figure(
                Words(title, meaning, words.NO_PROCESSES),
                "short",
                Query(_lost(what)),
                look=replace(SMALL, limits=Limits(1, 100)),
            )
            for title, what, meaning in kinds
        ),
    ]


def _lost(what: str) -> str:
    """Zero where processes report and lost nothing of the kind."""
    lost = total("increase", of_process(ask.LOSSES, f'{LOST}="{what}"'), RANGE)
    return f"{ask.whole(lost)} or {ACTIVE} * 0"


def _losses() -> Sequence[PanelBuilder]:
    by_service = total("increase", of_process(ask.LOSSES), RANGE, (SERVICE, LOST, LOST_REASON))
    return [
        lines(
            Words(
                "Losses per minute",
                "By what it was and why: a full queue, a record that is too large, or an export that failed.",
                words.NO_LOSSES,
            ),
            A_MINUTE,
            Query(f"{LOSSES_NOW} and {LOST_AT_ALL}", f"{named(LOST)} {named(LOST_REASON)}"),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words(
                "Lost calls, against what is promised",
                "How fast lost calls and spans use up their budget: 1 uses it up in exactly its period.",
                words.NO_RULES,
            ),
            "none",
            *(
                Query(f"max by ({SERVICE}) ({burn('lost', window, OF_PROCESSES)})", f"{window} {named(SERVICE)}")
                for window in ("1h", "6h")
            ),
            look=Look(limits=Limits(6, 14.4), width=8),
        ),
        rows(
            Words("Losses by service", "In this time range: which service, what, and why.", words.NO_LOSSES),
            (
                Column(SERVICE, "service"),
                Column(LOST, "lost"),
                Column(LOST_REASON, "reason"),
                Column("Value #A", "how many", "short"),
            ),
            Query(f"{ask.whole(by_service)} > 0"),
            width=8,
        ),
    ]


def _reporting() -> Sequence[PanelBuilder]:
    calls = total("increase", of_process(ask.CALLS), RANGE, (SERVICE,))
    told = f"timestamp({of_process(ask.CALLS)})"
    last, before = f"max by ({SERVICE}) ({told})", f"max by ({SERVICE}) (max_over_time({told}{EVERY_MINUTE}))"
    return [
        lines(
            Words("Calls that run, by service", "Calls that have begun and not ended.", words.NO_PROCESSES),
            "short",
            Query(ask.now(of_process(ask.ACTIVE_CALLS), (SERVICE,)), named(SERVICE)),
            look=Look(stacked=True, width=8),
        ),
        lines(
            Words(
                "Processes by version of the SDK",
                "OpenTelemetry SDKs of all that reports. Old ones give processes no identity of their own.",
                "nothing reports",
            ),
            "short",
            Query(
                f"count by ({SDK_VERSION}) ({WITH_SDK})",
                named(SDK_VERSION),
            ),
            look=Look(stacked=True, width=8),
        ),
        rows(
            Words(
                "Last heard",
                "What each service has counted in this time range, and how long ago it last said so.",
                words.NO_CALLS,
            ),
            (
                Column(SERVICE, "service"),
                Column("Value #B", "last heard", "s"),
                Column("Value #A", "calls", "short"),
            ),
            Query(ask.whole(calls)),
            Query(f"time() - ({last} or {before})"),
            width=8,
        ),
    ]
