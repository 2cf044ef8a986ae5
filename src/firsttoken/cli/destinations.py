"""Where an import goes: into the store's own file, or to the server that has it open."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import chain
from threading import Event, local
from typing import Final
from urllib.parse import urlsplit

from firsttoken.errors import ServerError, StoreBusyError
from firsttoken.pricing import PriceBook
from firsttoken.receive.decoded import Decoded
from firsttoken.receive.pieces import Piece, Request
from firsttoken.receive.prices import priced
from firsttoken.store import Batch, Store

ROWS_TOGETHER: Final = 5_000
WAITING: Final = 8
"""How many batches, or pieces, may be on their way."""
ANSWER_S: Final = 60.0
TRY_AGAIN_S: Final = 1.0
LONGEST_BUSY_S: Final = 300.0


class OwnStore:
    """A store that this process has open. Small pieces are written together."""

    def __init__(self, store: Store, prices: PriceBook) -> None:
        self._store = store
        self._prices = prices
        self._together: list[Batch] = []
        self._rows = 0
        self._waiting: deque[Future[None]] = deque()

    def take(self, piece: Piece, decoded: Decoded) -> None:
        del piece
        batch = decoded.batch
        self._together.append(batch)
        self._rows += len(batch.calls) + len(batch.spans) + len(batch.logs)
        if self._rows >= ROWS_TOGETHER:
            self._write()

    def finish(self) -> None:
        self._write()
        self._settle(0)

    def _write(self) -> None:
        batch = _joined(self._together)
        self._together, self._rows = [], 0
        self._settle(WAITING)
        while True:
            try:
                self._waiting.append(self._store.write(priced(batch, self._prices)))
                return
            except StoreBusyError:
                self._settle(max(0, len(self._waiting) - 1))

    def _settle(self, may_wait: int) -> None:
        while len(self._waiting) > may_wait:
            self._waiting.popleft().result()


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        calls=tuple(chain.from_iterable(batch.calls for batch in batches)),
        spans=tuple(chain.from_iterable(batch.spans for batch in batches)),
        logs=tuple(chain.from_iterable(batch.logs for batch in batches)),
    )


class ServersStore:
    """The receiver of a server on this machine. Pieces go to it side by side, so that it commits them together."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._threads = ThreadPoolExecutor(WAITING, thread_name_prefix="firsttoken-import")
        self._of_thread = local()
        self._connections: list[HTTPConnection] = []
        self._waiting: deque[Future[None]] = deque()
        self._closing = Event()

    def take(self, piece: Piece, decoded: Decoded) -> None:
        del decoded
        for request in piece.requests():
            self._waiting.append(self._threads.submit(self._send, request))
        while len(self._waiting) > 2 * WAITING:
            self._waiting.popleft().result()

    def finish(self) -> None:
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """Lets go of the server. What was not sent yet is not."""
        self._closing.set()  # nobody waits for a busy server any more
        self._threads.shutdown(cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def _send(self, request: Request) -> None:
        patience_ends = time.monotonic() + LONGEST_BUSY_S
        while (status := self._post(request)) != HTTPStatus.OK:
            if status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
                raise ServerError(f"the server at {self._endpoint} answers {status}: stop it, and import again")
            if time.monotonic() > patience_ends:
                raise ServerError(f"the server at {self._endpoint} is busy for too long: import again later")
            if self._closing.wait(TRY_AGAIN_S):
                return

    def _post(self, request: Request) -> int:
        connection = self._connection()
        try:
            connection.request("POST", request.path, request.body, {"content-type": request.content_type})
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            raise ServerError(f"the server at {self._endpoint} no longer answers: {error}: import again") from error
        return response.status

    def _connection(self) -> HTTPConnection:
        """One for each thread, which stays open."""
        connection: HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            place = urlsplit(self._endpoint)
            connection = HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_S)
            self._of_thread.connection = connection
            self._connections.append(connection)
        return connection
