"""`make test-system` looks for its tests in the files of tests that have their mark, and collects no others."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).parent
MARK = "mark." + "system"


def test_the_mark_of_system_tests_is_put_where_the_makefile_finds_it() -> None:
    marked = {path.name for path in TESTS.rglob("*.py") if MARK in path.read_text(encoding="utf-8")}
    assert marked
    assert [name for name in sorted(marked) if not name.startswith("test_")] == []
