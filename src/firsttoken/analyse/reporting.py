"""Totals and percentiles over calls."""

from __future__ import annotations

from firsttoken.analyse.answers import Report
from firsttoken.store import Store


def report(store: Store, *, since_unix_ns: int | None = None, run_id: str | None = None) -> Report:
    """Over all calls that started at or after `since_unix_ns`. Raises StoreError."""
    raise NotImplementedError
