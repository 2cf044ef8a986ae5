"""docs/capabilities.md names only what there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from generate_capabilities import Gone, hold_against, main, render


def part(**capability: Any) -> list[dict[str, Any]]:
    return [{"title": "Part", "capability": [{"name": "Flying", "does": "Flies.", **capability}]}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_wings.py").write_text("class TestWings:\n    async def test_they_flap(self): ...\n")
    (tmp_path / "decisions").mkdir()
    (tmp_path / "decisions" / "0001-on-foot.md").write_text("# 1. On foot\n\n## Swimming, diving\n")
    return tmp_path


def test_the_page_is_fresh_and_everything_in_it_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["generate_capabilities.py", "--check"])
    assert (main(), capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize(
    "capability",
    [
        {"tests": ["tests/test_wings.py::test_they_flap"]},
        {"decision": "0001-on-foot.md"},
        {"decision": "0001-on-foot.md#swimming-diving"},
        {"lacking": "wings"},
    ],
    ids=str,
)
def test_what_is_there_is_taken(capability: dict[str, Any], root: Path) -> None:
    hold_against(part(**capability), root)


@pytest.mark.parametrize(
    ("capability", "said"),
    [
        ({"tests": ["tests/test_wings.py::test_they_fly"]}, "there is no test tests/test_wings.py::test_they_fly"),
        ({"tests": ["test_tails.py::test_they_flap"]}, "there is no test test_tails.py::test_they_flap"),
        ({"decision": "0002-by-bus.md"}, "there is no decision 0002-by-bus.md"),
        ({"decision": "0001-on-foot.md#flying"}, "there is no decision 0001-on-foot.md#flying"),
        ({}, "neither a test shows it nor a decision refuses it"),
    ],
    ids=str,
)
def test_what_is_gone_is_named(capability: dict[str, Any], said: str, root: Path) -> None:
    with pytest.raises(Gone) as gone:
        hold_against(part(**capability), root)
    assert str(gone.value) == f"Flying: {said}"


def test_a_row_links_to_what_shows_it() -> None:
    row = render(part(tests=["tests/test_wings.py::test_they_flap"], decision="0001-on-foot.md")).splitlines()[-1]
    assert row == (
        "| Flying | Flies. | [`test_they_flap`](../tests/test_wings.py)<br>[decided](../decisions/0001-on-foot.md) |"
    )
