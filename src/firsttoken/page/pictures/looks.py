"""How the charts in pictures look, in the words of Vega: in the colours of the light scheme, and with our font."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsttoken.page.pictures.colours import LINE, QUIET, TEXT
from firsttoken.page.pictures.sheet import FONT

Rules = dict[str, Any]


def looks(font_size: float, grid: str, legend: Mapping[str, Any], **marks: Rules) -> Rules:
    """`grid` is the colour of its lines; `legend` and `marks` are what a kind of picture has besides."""
    return {
        "background": None,
        "autosize": {"type": "fit", "contains": "padding"},
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": QUIET,
            "titleColor": QUIET,
            "labelFontSize": font_size,
            "titleFontSize": font_size,
            "titleFontWeight": "normal",
            "gridColor": grid,
            "domainColor": LINE,
            "tickColor": LINE,
            "labelLimit": 190,
        },
        "legend": {"labelColor": TEXT, "labelFontSize": font_size, **legend},
        **marks,
    }
