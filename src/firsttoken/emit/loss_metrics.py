"""What was lost on the way, as a metric: read when metrics are collected, so that it is told while everything else is
stuck."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import Final

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation

from firsttoken.emit import scope
from firsttoken.guard import guarded
from firsttoken.losses import lost_or_not
from firsttoken.semconv import own

_watching: Final[weakref.WeakSet[MeterProvider]] = weakref.WeakSet()


@guarded("watch losses")
def watch_losses(provider: MeterProvider) -> None:
    """Once for each provider: its count is that of the process, under every setting that calls are recorded with."""
    if provider in _watching:
        return
    _watching.add(provider)
    meter = provider.get_meter(scope.NAME, scope.VERSION)
    meter.create_observable_counter(own.LOSSES.name, [_observed], own.LOSSES.unit)


def _observed(options: CallbackOptions) -> Iterable[Observation]:
    """0 before the first loss, so that a rate over it is known; nothing of what cannot be lost here."""
    del options
    return [
        Observation(number, {own.LOST: what, own.LOST_REASON: reason})
        for (what, reason), number in lost_or_not().items()
    ]
