"""A plugin for pytest that writes docs/endings.md from the results of a run: `-p observe.endings_report`."""

from __future__ import annotations

from typing import Final

import pytest

from observe.endings import PAGE, page

RESULTS: Final[dict[str, bool]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Called for every phase of every test, in the process that collects the reports of all."""
    for name, value in report.user_properties:
        if name == "cell":
            RESULTS[str(value)] = report.passed and RESULTS.get(str(value), True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One process of many that share the work writes: the one that is no worker."""
    if not hasattr(session.config, "workerinput"):
        PAGE.write_text(page(RESULTS), encoding="utf-8")
