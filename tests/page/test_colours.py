"""The colours of charts stand out from the page and from one another, also for who sees few of them."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

import firsttoken.page
from firsttoken.page.pictures.colours import SERIES

Numbers = NDArray[np.float64]

PAGE: Final = Path(firsttoken.page.__file__).parent
LIGHT, DARK = (PAGE / "static" / "page.css").read_text(encoding="utf-8").split("@media (prefers-color-scheme: dark)")
SIGHT: Final = {
    "all cones": np.eye(3),
    "no long waves": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no middle waves": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no short waves": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""What becomes of linear RGB: Machado, Oliveira and Fernandes, 2009, in full severity."""
LEAST_CONTRAST: Final = 3.0
"""Of graphics against what is around them: WCAG 2.2, 1.4.11."""


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("kind", "count", "apart"), [("series", 8, 0.06), ("tone", 4, 0.1)])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_no_two_colours_of_a_chart_are_alike(theme: str, kind: str, count: int, apart: float, sight: str) -> None:
    seen = [in_oklab(SIGHT[sight] @ linear(colour)) for colour in colours(theme, kind, count)]
    assert apart <= min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


@pytest.mark.parametrize(("kind", "count"), [("series", 8), ("tone", 4)])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_colour_of_a_chart_stands_out_from_its_panel(theme: str, kind: str, count: int) -> None:
    (panel,) = re.findall(r"--panel: (#[0-9a-f]{6})", theme.partition("}")[0])
    assert min(contrast(colour, panel) for colour in colours(theme, kind, count)) >= LEAST_CONTRAST


def test_a_report_to_hand_on_has_the_colours_of_the_page() -> None:
    css = (PAGE / "document" / "document.css").read_text(encoding="utf-8")
    light, dark = css.split("prefers-color-scheme: dark")
    assert list(SERIES) == colours(light, "series", 8) == colours(LIGHT, "series", 8)
    assert colours(dark, "series", 8) == colours(DARK, "series", 8)


def colours(theme: str, kind: str, count: int) -> list[str]:
    found = re.findall(rf"--{kind}-(\d): (#[0-9a-f]{{6}})", theme)
    assert [number for number, _ in found] == [str(number) for number in range(1, count + 1)]
    return [colour for _, colour in found]


def linear(colour: str) -> Numbers:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def in_oklab(rgb: Numbers) -> Numbers:
    """Where distances are about as large as the differences that people see. White is 1 from black."""
    cones = np.cbrt(
        np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]) @ np.clip(rgb, 0, 1)
    )
    return np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]) @ cones
