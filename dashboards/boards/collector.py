"""What the OpenTelemetry Collector says of itself, where Prometheus scrapes it: whether it passes on what it is given.

Source: OpenTelemetry documentation, "Collector, Internal telemetry". Names of counters
end in `_total` or not, by how they are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from boards.panels import A_MINUTE, Limits, Look, PanelBuilder, Query, Words, lines
from boards.queries import RATE, named

SIGNALS: Final = ("spans", "metric_points", "log_records")
QUEUE: Final = "otelcol_exporter_queue_size"
CAPACITY: Final = "otelcol_exporter_queue_capacity"
UNDELIVERED: Final = "otelcol_exporter_send_failed_{}"
REFUSED: Final = "otelcol_receiver_refused_{}"
NO_COLLECTOR: Final = "no Collector whose own metrics are scraped"
BY: Final = "exporter, data_type"


def collector() -> Sequence[PanelBuilder]:
    return [
        lines(
            Words(
                "Queues of the Collector",
                "How full each exporter's queue is, in the Collector where it is fullest. One that is full refuses, "
                "and then applications queue and lose.",
                NO_COLLECTOR,
            ),
            "percentunit",
            Query(
                f"max by ({BY}) ({QUEUE} / ({CAPACITY} > 0))",
                f"{named('exporter')} {named('data_type')}",
            ),
            look=Look(width=8, limits=Limits(0.5, 0.9)),
        ),
        lines(
            Words(
                "What the Collector gave up",
                "Per minute, by exporter: a back end refused it, or was away for longer than retries last.",
                f"nothing that was given up, or {NO_COLLECTOR}",
            ),
            A_MINUTE,
            *_of_signals(UNDELIVERED, "exporter", f" and on (exporter, instance) {CAPACITY}"),
            look=Look(width=8, stacked=True),
        ),
        lines(
            Words(
                "What the Collector refused",
                "Per minute, by receiver: its memory or its queues are full. Applications keep it and try again.",
                NO_COLLECTOR,
            ),
            A_MINUTE,
            *_of_signals(REFUSED, "receiver"),
            look=Look(width=8, stacked=True),
        ),
    ]


def _of_signals(name: str, by: str, among: str = "") -> list[Query]:
    """An exporter without a queue gives nothing up: whoever sends to it is told, and keeps it."""
    return [
        Query(
            f'60 * sum by ({by}) (rate({{__name__=~"{name.format(signal)}(_total)?"}}{RATE}){among})',
            f"{signal.replace('_', ' ')} {named(by)}",
        )
        for signal in SIGNALS
    ]
