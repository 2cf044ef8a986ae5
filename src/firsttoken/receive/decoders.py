"""Who decodes: a thread of this process, and beside it another process as soon as requests have to wait."""

from __future__ import annotations

import asyncio
import logging
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Final, Protocol

from firsttoken.pricing import PriceBook
from firsttoken.receive.decoding import DecodedRows, Work, decoded_rows
from firsttoken.receive.encodings import JSON, PROTOBUF
from firsttoken.receive.packing import READY, Broken, Packed, unpacked_rows
from firsttoken.receive.refusal import RefusalError

BACKLOG: Final = 3
"""From so many requests at once on there is work for a second processor."""
PORTABLE: Final = (PROTOBUF.fill, JSON.fill)
"""What another process can be told to read with."""
END_S: Final = 5

log = logging.getLogger(__name__)


class HelperError(Exception):
    """The helper is gone. What it was given has to be decoded by somebody else."""


class _Lane(Protocol):
    """Decodes one request at a time, in a thread of its own."""

    def decode(self, work: Work) -> DecodedRows: ...

    def close(self) -> None: ...


class _Here:
    """In this process, which writes as well."""

    def __init__(self, prices: PriceBook) -> None:
        self._prices = prices

    def decode(self, work: Work) -> DecodedRows:
        return decoded_rows(work, self._prices)

    def close(self) -> None:
        pass


class _Helper:
    """In a process of its own. Python runs one thread at a time, and decoding is Python's own work."""

    def __init__(self, prices: PriceBook) -> None:
        """Returns when it is ready. Raises OSError and HelperError."""
        command = [sys.executable, "-P", "-m", "firsttoken.receive.helper"]
        self._lock = threading.Lock()
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603  ourselves
        with ExitStack() as undo:
            undo.callback(self.close)
            if self._exchanged(prices) != READY:
                raise HelperError("it did not start")
            undo.pop_all()

    def decode(self, work: Work) -> DecodedRows:
        answer = self._exchanged(work)
        match answer:
            case Packed():
                return unpacked_rows(answer)
            case RefusalError():
                raise answer
            case Broken(message):
                raise RuntimeError(message)
            case _:
                raise HelperError(f"it answered {answer!r}")

    def close(self) -> None:
        """Ends it when what it was given is answered."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        with suppress(OSError):  # it is gone, and was not given all of its last piece
            self._process.stdin.close()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _exchanged(self, value: object) -> object:
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        try:
            with self._lock:  # a request that its sender gave up is still being answered
                pickle.dump(value, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
                self._process.stdin.flush()
                return pickle.load(self._process.stdout)  # noqa: S301  of our own child
        except Exception as error:  # whatever it was, nobody knows any more where an answer begins
            self._process.kill()
            raise HelperError(repr(error)) from error


class Decoders:
    """Belongs to one event loop."""

    def __init__(self, prices: PriceBook) -> None:
        self._prices = prices
        self._here = _Here(prices)
        self._idle: asyncio.LifoQueue[_Lane] = asyncio.LifoQueue()
        self._idle.put_nowait(self._here)
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="firsttoken-decoder")
        self._present = 0
        self._starting: asyncio.Task[None] | None = None
        self._helper: _Helper | None = None

    async def decode(self, work: Work) -> DecodedRows:
        """Raises RefusalError for what cannot be read."""
        self._present += 1
        try:
            if self._present >= BACKLOG and self._starting is None:
                self._starting = asyncio.create_task(self._start_helper())
            return await self._decoded(work)
        finally:
            self._present -= 1

    def close(self) -> None:
        """After the last request. Idempotent."""
        self._threads.shutdown()
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.close()

    async def _decoded(self, work: Work) -> DecodedRows:
        lane = await self._idle.get()
        decode = lane.decode if work.fill in PORTABLE else self._here.decode
        try:
            rows = await asyncio.get_running_loop().run_in_executor(self._threads, decode, work)
        except HelperError as error:
            log.warning("the process that helps decoding is gone, and it goes on without: %s", error)
            return await self._decoded(work)
        except BaseException:
            self._idle.put_nowait(lane)
            raise
        self._idle.put_nowait(lane)
        return rows

    async def _start_helper(self) -> None:
        try:
            helper = await asyncio.get_running_loop().run_in_executor(self._threads, self._helper_made)
        except (OSError, HelperError) as error:
            log.warning("no process can be started to help decoding, and it goes on without: %s", error)
        else:
            self._idle.put_nowait(helper)

    def _helper_made(self) -> _Helper:
        """Known to `close` whatever becomes of the task that wants it."""
        self._helper = _Helper(self._prices)
        return self._helper
