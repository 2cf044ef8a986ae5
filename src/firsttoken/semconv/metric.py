"""The shape of a metric, apart from any meter."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Metric(NamedTuple):
    """Name, instrument and unit of a metric, with the bucket boundaries its definition asks for."""

    name: str
    instrument: Literal["counter", "histogram", "up-down counter"]
    unit: str
    buckets: tuple[float, ...] | None = None
