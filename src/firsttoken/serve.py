"""The local half joined: one store, the receivers and the page, in one event loop on a thread of its own.

Importing it loads neither a server nor the store, so that a command can claim its ports with `bind` before that.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, Self

from firsttoken.errors import ServerError
from firsttoken.pricing import PriceBook
from firsttoken.receive.ports import BoundPorts, ServeSettings, bind
from firsttoken.receive.serving import ServingThread

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from firsttoken.analyse.answers import Health
    from firsttoken.receive.listeners import Listener
    from firsttoken.store import Store

    PageFactory = Callable[[Store, Callable[[], Health]], ASGIApp]

__all__ = ["BoundPorts", "ServeSettings", "Server", "bind"]

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Receives, stores and shows until it is stopped, once. The store stays the caller's: stopping does not close it.

    with Store.open(path) as store, Server(store, ServeSettings()) as server:
        print(server.ports.page_url)
    """

    def __init__(
        self,
        store: Store,
        settings: ServeSettings,
        *,
        page_app: PageFactory | None = None,
        bound: BoundPorts | None = None,
    ) -> None:
        """`page_app` None is `firsttoken.page.create_app`; `bound` is what `bind(settings)` claimed earlier."""
        from firsttoken.receive.counters import Counters

        self._store = store
        self._settings = settings
        self._page_app = page_app
        self._bound = bound
        self._prices: PriceBook | None = None
        self._counters = Counters()
        self._serving = ServingThread(self._listeners)

    @property
    def ports(self) -> BoundPorts:
        """What was bound, with the real port numbers. Raises ServerError where nothing was yet."""
        if self._bound is None:
            raise ServerError("the server has no ports yet: start it first")
        return self._bound

    def health(self) -> Health:
        """What was received and refused so far, and where."""
        counted = replace(
            self._counters.health(self._store.failure), queue=self._store.queue, keeping=self._store.keeping
        )
        if self._bound is None:
            return counted
        return replace(
            counted,
            grpc_endpoint=self._bound.grpc_endpoint,
            http_endpoint=self._bound.http_endpoint,
            page_url=self._bound.page_url,
        )

    def start(self) -> None:
        """Returns when all ports answer. Raises PortInUseError, SettingsError or ServerError. Idempotent."""
        if not self._serving.was_started:
            self._prices = PriceBook.load(self._settings.prices)
            self._bound = self._bound or bind(self._settings)
            self._serving.start()
        self._serving.wait()

    def stop(self) -> None:
        """Answers what was begun, commits it, ends live views and lets go of the ports. Idempotent."""
        if self._serving.stop():
            self._store.flush()
        if self._bound is not None:
            self._bound.close()

    def run_forever(self) -> None:
        """Serves until SIGINT or SIGTERM, then stops cleanly. For the main thread only."""
        asked_to_stop = threading.Event()

        def stop_on_signal(number: int, frame: FrameType | None) -> None:
            asked_to_stop.set()

        before = {number: signal.signal(number, stop_on_signal) for number in STOP_SIGNALS}
        try:
            self.start()
            asked_to_stop.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listeners(self, undo: ExitStack) -> list[Listener]:
        from firsttoken.receive.grpc import grpc_server
        from firsttoken.receive.http import http_app
        from firsttoken.receive.intake import Intake
        from firsttoken.receive.listeners import GrpcListener, HttpListener
        from firsttoken.receive.loopback import LoopbackOnly

        limit = self._settings.max_body_bytes
        intake = Intake(self._store, self._counters, max_body_bytes=limit, prices=self._prices)
        undo.callback(intake.close)
        ports = self.ports
        listeners: list[Listener] = [GrpcListener(grpc_server(intake), ports)]
        listeners.append(HttpListener(LoopbackOnly(http_app(intake)), [ports.http]))
        if ports.page is not None:
            listeners.append(HttpListener(self._page(), ports.page.sockets, self._store.end_subscriptions))
        return listeners

    def _page(self) -> ASGIApp:
        if self._page_app is None:
            from firsttoken.page import create_app

            return create_app(self._store, self.health, self._settings.page_access, self._settings.budgets)
        return self._page_app(self._store, self.health)
