"""What OpenTelemetry names are called in Prometheus.

Source: OpenTelemetry specification, "Prometheus and OpenMetrics Compatibility", and Prometheus's own translation
strategy UnderscoreEscapingWithSuffixes.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from firsttoken.semconv.metric import Metric

Part = Literal["bucket", "sum", "count"]

UNIT_SUFFIXES: Final = {"s": "seconds", "ms": "milliseconds", "By": "bytes", "1": ""}
"""Units by their UCUM code. A unit in braces, such as `{token}`, is an annotation and has no suffix."""


def label(attribute: str) -> str:
    """`gen_ai.request.model` -> `gen_ai_request_model`."""
    return re.sub(r"[^A-Za-z0-9]+", "_", attribute)


def series(metric: Metric, part: Part | None = None) -> str:
    """The name of a counter's series, or of one of a histogram's three. Raises KeyError for a unit not seen before."""
    words = [label(metric.name)]
    suffix = "" if metric.unit.startswith("{") else UNIT_SUFFIXES[metric.unit]
    if suffix and not words[0].endswith(f"_{suffix}"):
        words.append(suffix)
    if metric.instrument == "counter":
        words.append("total")
    if part is not None:
        words.append(part)
    return "_".join(words)
