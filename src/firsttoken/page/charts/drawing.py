"""What the drawing rules of all charts have in common."""

from __future__ import annotations

from typing import Final

POINTS: Final = "points"
"""The name of the data that the browser adds."""

TIMES: Final = {"seconds": "%H:%M:%S", "minutes": "%H:%M", "hours": "%H:%M"}
"""How moments read along the axis, by the step between them; longer steps read as days, months and years."""
