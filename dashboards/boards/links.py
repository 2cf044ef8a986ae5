"""The ways between boards: from a line or a figure to what says more, with the same variables and the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from boards.queries import MODEL, PROVIDER

OVERVIEW: Final = "firsttoken-overview"
LATENCY: Final = "firsttoken-latency"
COST: Final = "firsttoken-cost"
ERRORS: Final = "firsttoken-errors"
STREAMING: Final = "firsttoken-streaming"
FLEET: Final = "firsttoken-fleet"
CALLS: Final = "firsttoken-calls"
"""Of the board for Tempo, and of the one for Jaeger in its place."""
CLICKHOUSE_COST: Final = "firsttoken-clickhouse-cost"
CLICKHOUSE_LATENCY: Final = "firsttoken-clickhouse-latency"

SHARED: Final = ("service", "environment", "provider", "model", "operation")
"""The variables that boards of calls have in common."""
FROM_LABELS: Final = {"provider": PROVIDER, "model": MODEL}


@dataclass(frozen=True, slots=True)
class Link:
    """From a value to a place that says more. `url` may have Grafana's variables in it."""

    title: str
    url: str


def to_board(title: str, uid: str, own: Mapping[str, str] | None = None) -> Link:
    """With all variables as they are, but for those that get a value of their own."""
    given = own or {}
    kept = [f"${{{name}:queryparam}}" for name in SHARED if name not in given]
    asked = [f"var-{name}={value}" for name, value in given.items()]
    return Link(title, f"/d/{uid}?{'&'.join((*asked, *kept, '${__url_time_range}'))}")


def to_calls(labels: Iterable[str] = ()) -> Link:
    """To the calls themselves, of the line's own provider or model where it has one."""
    own = {name: f"${{__field.labels.{label}}}" for name, label in FROM_LABELS.items() if label in labels}
    return to_board("The calls", CALLS, own)
