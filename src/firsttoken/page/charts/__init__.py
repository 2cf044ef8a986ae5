"""The charts of the page: each has drawing rules, made by Altair in a process of its own, and points of the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from firsttoken.page.charts import amounts, heatmap, percentiles, spread, stream

CHARTS: Final[Mapping[str, Callable[[], str]]] = {
    "amounts": amounts.drawing_rules,
    "counts": amounts.counting_rules,
    "heatmap": heatmap.drawing_rules,
    "percentiles": percentiles.drawing_rules,
    "rate": stream.rate_rules,
    "spread": spread.drawing_rules,
    "waits": stream.waits_rules,
}
"""By the name in a chart's address: what makes its rules, in the Vega-Lite language, as JSON. They hold no data and no
colours: the browser adds both, so that one chart serves light and dark and grows as calls arrive."""
