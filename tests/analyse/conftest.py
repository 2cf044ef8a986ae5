from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from store.samples import ORIGIN, call_record

from firsttoken.call import Call
from firsttoken.store import Batch, CallRecord, Store

_runs = itertools.count(1)


@dataclass(frozen=True)
class Runs:
    """A store that many runs share, each with calls of its own."""

    store: Store

    def add(self, *calls: Call) -> str:
        """The id of a new run that made these calls."""
        run_id = f"run {next(_runs)}"
        self.add_to(run_id, *calls)
        return run_id

    def add_to(self, run_id: str, *calls: Call) -> list[CallRecord]:
        records = [call_record(call, origin=replace(ORIGIN, run_id=run_id)) for call in calls]
        self.store.write(Batch(calls=tuple(records))).result(30)
        return records


@pytest.fixture(scope="session")
def runs() -> Iterator[Runs]:
    with Store.open(None) as store:
        yield Runs(store)
