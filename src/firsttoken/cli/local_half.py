"""The local half of one run that is its own: started beside the program, and ended with the run.

Nothing heavy is imported before the observed program has started: connections wait in the sockets meanwhile.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from firsttoken.errors import FirstTokenError, ServerError
from firsttoken.serve import BoundPorts, Server, ServeSettings
from firsttoken.store import Limits, Store, kept_within

if TYPE_CHECKING:
    from firsttoken.analyse import Health, Report

START_S: Final = 30.0
SETTLE_S: Final = 5.0


class LocalHalf(Protocol):
    """Receives, stores and shows the calls of one run. Every method may raise FirstTokenError."""

    @property
    def http_endpoint(self) -> str:
        """Where the observed program sends to."""
        ...

    @property
    def page_url(self) -> str | None: ...

    @property
    def is_ours(self) -> bool:
        """Whether it ends with this run."""
        ...

    def start(self) -> None:
        """Returns at once: what is slow about a start happens beside the observed program."""
        ...

    def report(self, run_id: str) -> Report:
        """Over everything that the observed program sent before it ended."""
        ...

    def health(self) -> Health: ...

    def holders(self) -> int:
        """How many other runs use it."""
        ...

    def close(self) -> None:
        """Idempotent. Raises FirstTokenError where something that waited was not kept."""
        ...


class OwnHalf:
    """Ends with this run. Its sockets accept connections from the first moment on."""

    is_ours = True

    def __init__(self, store: Store, settings: ServeSettings, bound: BoundPorts, limits: Limits) -> None:
        self.http_endpoint = bound.http_endpoint
        self.page_url = bound.page_url
        self._store = store
        self._server = Server(store, settings, bound=bound)
        self._failure: FirstTokenError | None = None
        self._starter = threading.Thread(target=self._start_server, name="firsttoken-start", daemon=True)

        self._ending = ExitStack()
        self._ending.callback(store.close)
        self._ending.enter_context(kept_within(store, limits))
        for last_first in (bound.close, self._stop_server):
            self._ending.callback(last_first)

    def start(self) -> None:
        self._starter.start()

    def _start_server(self) -> None:
        try:
            self._server.start()
        except FirstTokenError as error:
            self._failure = error

    def _await_start(self) -> None:
        self._starter.join(START_S)
        if self._failure is not None:
            raise self._failure
        if self._starter.is_alive():
            raise ServerError(f"the receiver did not start within {START_S:.0f} seconds: nothing was recorded")

    def report(self, run_id: str) -> Report:
        from firsttoken import analyse
        from firsttoken.store import Selection

        self._await_start()
        settle(self.http_endpoint)
        self._store.flush(SETTLE_S)
        return analyse.report(self._store, Selection(run_id=run_id))

    def health(self) -> Health:
        return self._server.health()

    def holders(self) -> int:
        from firsttoken.cli.running import ask_status

        port = None if self.page_url is None else urlsplit(self.page_url).port
        return 0 if port is None else ask_status(port).holders

    def close(self) -> None:
        ending, self._ending = self._ending, ExitStack()
        ending.close()

    def _stop_server(self) -> None:
        if self._starter.ident is not None:
            self._starter.join(START_S)
        self._server.stop()


def run_address(page_url: str, run_id: str) -> str:
    """Where the page shows one run."""
    return f"{page_url}?run={run_id}"


def settle(http_endpoint: str) -> None:
    """Returns when what was sent before has been read: an empty delivery queues up behind it. Raises ServerError."""
    place = urlsplit(http_endpoint)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=SETTLE_S)
    try:
        connection.request("POST", "/v1/traces", b"", {"content-type": "application/x-protobuf"})
        connection.getresponse().read()
    except (OSError, HTTPException) as error:
        raise ServerError(f"the receiver at {http_endpoint} no longer answers: {error}") from error
    finally:
        connection.close()
