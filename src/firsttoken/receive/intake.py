"""The way of every request, whatever carried it: unpacked, decoded, committed, answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.message import Message

from firsttoken.errors import StoreBusyError, StoreError
from firsttoken.receive.compression import unpacked
from firsttoken.receive.counters import Counters
from firsttoken.receive.decoded import Decoded, Delivery
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
    """Belongs to one event loop. What it acknowledges is committed, and so is all that was taken in before.

    One thread decodes: it is Python's own work, which more threads would only share, and the order stays.
    """

    def __init__(
        self, store: Store, counters: Counters, *, max_body_bytes: int, in_flight_bytes: int = IN_FLIGHT_BYTES
    ) -> None:
        self.max_body_bytes = max_body_bytes
        self._store = store
        self._counters = counters
        self._may_fly_bytes = in_flight_bytes
        self._in_flight_bytes = 0
        self._decoders = ThreadPoolExecutor(1, thread_name_prefix="firsttoken-decoder")

    async def take(self, signal: Signal[Any], incoming: Incoming) -> Message:
        """The answer, once everything that can be kept is committed. Raises RefusalError."""
        decoded = await self._committed(signal, incoming)
        self._counters.accept(signal.items, decoded.items, decoded.refused)
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
        self._decoders.shutdown()

    async def _committed(self, signal: Signal[Any], incoming: Incoming) -> Decoded:
        size_bytes = len(incoming.body)
        if self._in_flight_bytes and self._in_flight_bytes + size_bytes > self._may_fly_bytes:
            raise RefusalError(BUSY, f"{self._in_flight_bytes} bytes are being taken in already: try again")
        self._in_flight_bytes += size_bytes
        try:
            loop = asyncio.get_running_loop()
            decoded, committed = await loop.run_in_executor(self._decoders, self._begin, signal, incoming)
            await asyncio.wrap_future(committed)
        except StoreBusyError as error:
            raise RefusalError(BUSY, str(error)) from error
        except StoreError as error:
            raise RefusalError(STORE, str(error)) from error
        finally:
            self._in_flight_bytes -= size_bytes
        return decoded

    def _begin(self, signal: Signal[Any], incoming: Incoming) -> tuple[Decoded, Future[None]]:
        """In a decoding thread, so that the event loop stays free."""
        payload = unpacked(incoming.body, incoming.content_encoding, self.max_body_bytes)
        decoded = signal.read(Delivery(payload, time.time_ns()), incoming.fill)
        return decoded, self._store.write(decoded.batch)


def _why(decoded: Decoded) -> str:
    return "; ".join(f"{count} x {reason}" for reason, count in decoded.refused.items())
