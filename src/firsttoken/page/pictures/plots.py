"""The drawing rules of the page's charts with the points that they are drawn of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from firsttoken.page.charts.drawing import POINTS

Rules = dict[str, JsonValue]


def with_points(rules: Rules, points: Sequence[dict[str, Any]]) -> Rules:
    return {**rules, "datasets": {POINTS: list(points)}}
