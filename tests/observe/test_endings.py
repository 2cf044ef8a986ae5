"""The page of the table: what failed or was never run is seen, and each empty cell has its reason."""

from __future__ import annotations

import pytest

from observe.cells import TABLES
from observe.endings import NAMES, page

GREEN = dict.fromkeys(NAMES, True)
LEFT_EARLY = "chat.create | break | async"


def marks(text: str, surface: str, end: str) -> str:
    """What stands in one cell of the page."""
    lines = text.splitlines()
    head = next(line for line in lines if f"| {end}<br>" in line)
    row = next(line for line in lines[lines.index(head) :] if line.startswith(f"| `{surface}` |"))
    titles = [title.strip().partition("<br>")[0] for title in head.split("|")]
    return row.split("|")[titles.index(end)].strip()


@pytest.mark.parametrize("results", [GREEN | {LEFT_EARLY: False}, {k: v for k, v in GREEN.items() if k != LEFT_EARLY}])
def test_a_cell_that_failed_or_never_ran_is_marked_as_failed(results: dict[str, bool]) -> None:
    text = page(results)
    assert marks(text, "chat.create", "break").startswith("✓ ✗ ")
    assert f"**{len(NAMES) - 1} of {len(NAMES)} passed.**" in text


def test_a_cell_that_cannot_happen_says_why() -> None:
    text = page(GREEN)
    letter = marks(text, "messages.create", "[DONE] missing")
    assert f"- `{letter}` streams of this API do not end by [DONE]" in text
    assert "✗" not in text.partition("## Streams")[2]


def test_every_surface_has_a_row_in_every_group_of_its_table() -> None:
    text = page(GREEN)
    for surfaces, groups in TABLES.values():
        for surface in surfaces:
            assert text.count(f"| `{surface.name}` |") == len(groups)


def test_cells_have_names_of_their_own() -> None:
    assert len(GREEN) == len(NAMES)


def test_responses_over_a_websocket_have_a_table_of_their_own() -> None:
    assert "| received by two at once | `completed` | · | ✓ |" in page(GREEN)
