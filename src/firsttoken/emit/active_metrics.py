"""How many calls run now, read when metrics are collected: counting costs no call anything."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation
from opentelemetry.util.types import AttributeValue

from firsttoken.call import Request
from firsttoken.emit import scope
from firsttoken.emit.chosen import ChosenAttributes
from firsttoken.emit.measured import metric_attributes
from firsttoken.guard import guarded
from firsttoken.semconv import own

Series = frozenset[tuple[str, AttributeValue]]

NONE_CHOSEN: Final = ChosenAttributes(())

_watching: Final[weakref.WeakSet[MeterProvider]] = weakref.WeakSet()


@guarded("watch active calls")
def watch_active_calls(provider: MeterProvider, running: Callable[[], Iterable[Request]]) -> None:
    """Once for each provider. `running` gives the requests of all calls of the process that have not ended."""
    if provider in _watching:
        return
    _watching.add(provider)
    seen: set[Series] = set()

    @guarded("count active calls")
    def count() -> list[Observation]:
        active = Counter(map(_series, running()))
        seen.update(active)  # Where nothing runs any more that is 0, and not unknown.
        return [Observation(active[series], dict(series)) for series in seen]

    def observed(options: CallbackOptions) -> Iterable[Observation]:
        del options
        return count() or ()

    meter = provider.get_meter(scope.NAME, scope.VERSION)
    meter.create_observable_up_down_counter(own.ACTIVE_CALLS.name, [observed], own.ACTIVE_CALLS.unit)


def _series(request: Request) -> Series:
    return frozenset(metric_attributes(request, None, NONE_CHOSEN).items())
