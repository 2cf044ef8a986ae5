"""Calls that came without a price -> with one, by the prices that hold here."""

from __future__ import annotations

from dataclasses import replace

from firsttoken.analyse.told_cost import told_cost
from firsttoken.pricing import PriceBook
from firsttoken.receive.traces import is_ours
from firsttoken.store import Batch, CallRecord


def priced(batch: Batch, prices: PriceBook) -> Batch:
    """The batch with a cost, or the reason for none, on every call of another instrumentation that has neither."""
    if all(_needs_none(record) for record in batch.calls):
        return batch
    return replace(batch, calls=tuple(_priced(record, prices) for record in batch.calls))


def _priced(record: CallRecord, prices: PriceBook) -> CallRecord:
    if _needs_none(record):
        return record
    return replace(record, call=replace(record.call, cost=told_cost(record.call, prices)))


def _needs_none(record: CallRecord) -> bool:
    return record.call.cost is not None or record.call.was_refused or is_ours(record.origin)
