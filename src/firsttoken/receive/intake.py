"""The way of every request, whatever carried it: unpacked, decoded, committed, answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from firsttoken.errors import StoreBusyError, StoreError
from firsttoken.pricing import PriceBook
from firsttoken.receive.counters import Counters
from firsttoken.receive.decoders import Decoders
from firsttoken.receive.decoding import DecodedRows, Work
from firsttoken.receive.refusal import BUSY, STORE, RefusalError
from firsttoken.receive.signals import Fill, Signal
from firsttoken.store import Store

IN_FLIGHT_BYTES: Final = 256 * 1024 * 1024
"""How much may have been read and not yet answered. One request is always let in."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as a transport read it."""

    body: bytes
    fill: Fill
    content_encoding: str = ""


class Intake:
    """Belongs to one event loop. What it acknowledges is committed, and so is all that was taken in before."""

    def __init__(
        self,
        store: Store,
        counters: Counters,
        *,
        max_body_bytes: int,
        in_flight_bytes: int = IN_FLIGHT_BYTES,
        prices: PriceBook | None = None,
    ) -> None:
        """`prices` None is the price list alone."""
        self.max_body_bytes = max_body_bytes
        self._store = store
        self._counters = counters
        self._may_fly_bytes = in_flight_bytes
        self._in_flight_bytes = 0
        self._decoders = Decoders(prices or PriceBook())
        self._latest = asyncio.Event()
        self._latest.set()

    async def take(self, signal: Signal[Any], incoming: Incoming) -> Message:
        """The answer, once everything that can be kept is committed. Raises RefusalError."""
        decoded = await self._committed(signal, incoming)
        self._counters.accept(signal.items, decoded.items, decoded.refused)
        self._counters.tell(decoded.losses)
        return signal.response(decoded.refused.total(), _why(decoded))

    @contextmanager
    def refusals_counted(self) -> Generator[None]:
        """Counts the RefusalError that ends a request, wherever on its way it was raised."""
        try:
            yield
        except RefusalError as refusal:
            self._counters.refuse(refusal.reason.word)
            raise

    def close(self) -> None:
        """After the last request. Idempotent."""
        self._decoders.close()

    async def _committed(self, signal: Signal[Any], incoming: Incoming) -> DecodedRows:
        size_bytes = len(incoming.body)
        if self._in_flight_bytes and self._in_flight_bytes + size_bytes > self._may_fly_bytes:
            raise RefusalError(BUSY, f"{self._in_flight_bytes} bytes are being taken in already: try again")
        self._in_flight_bytes += size_bytes
        try:
            rows, committed = await self._begun(self._work(signal, incoming))
            await asyncio.wrap_future(committed)
        except StoreBusyError as error:
            raise RefusalError(BUSY, str(error)) from error
        except StoreError as error:
            raise RefusalError(STORE, str(error)) from error
        finally:
            self._in_flight_bytes -= size_bytes
        return rows

    async def _begun(self, work: Work) -> tuple[DecodedRows, Future[None]]:
        """The rows, and when they are committed: handed to the store in the order in which requests came."""
        before, self._latest = self._latest, asyncio.Event()
        mine = self._latest
        try:
            rows = await self._decoders.decode(work)
            await before.wait()
            return rows, self._store.write_rows(rows.tables)
        finally:
            mine.set()

    def _work(self, signal: Signal[Any], incoming: Incoming) -> Work:
        return Work(
            signal.path, incoming.body, incoming.fill, incoming.content_encoding, self.max_body_bytes, time.time_ns()
        )


def _why(decoded: DecodedRows) -> str:
    return "; ".join(f"{count} x {reason}" for reason, count in decoded.refused.items())
