"""The local half joined: one store, the receivers and the page, in one event loop on a thread of its own.

Importing it loads neither a server nor the store, so that a command can claim its ports with `bind` before that.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Final, Self

from firsttoken.errors import FirstTokenError, ServerError
from firsttoken.receive.ports import BoundPorts, ServeSettings, bind

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from firsttoken.analyse.answers import Health
    from firsttoken.receive.intake import Intake
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
        self._counters = Counters()
        self._thread = threading.Thread(target=self._run, name="firsttoken-server", daemon=True)
        self._started: Future[Callable[[], object]] = Future()
        """What asks the server to stop, once it answers."""

    @property
    def ports(self) -> BoundPorts:
        """What was bound, with the real port numbers. Raises ServerError where nothing was yet."""
        if self._bound is None:
            raise ServerError("the server has no ports yet: start it first")
        return self._bound

    def health(self) -> Health:
        """What was received and refused so far, and where."""
        counted = self._counters.health(self._store.failure)
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
        if self._thread.ident is None:
            self._bound = self._bound or bind(self._settings)
            self._thread.start()
        self._started.result()

    def stop(self) -> None:
        """Answers what was begun, commits it, ends live views and lets go of the ports. Idempotent."""
        if self._thread.is_alive() and self._started.exception() is None:
            request_stop = self._started.result()
            request_stop()
            self._thread.join()
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

    def _run(self) -> None:
        """The whole life of the thread. What goes wrong before it answers is raised by `start`."""
        try:
            with asyncio.Runner(loop_factory=_new_event_loop) as runner:
                runner.run(self._serve())
        except FirstTokenError as error:
            self._started.set_exception(error)
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(ServerError(f"the server did not start: {error!r}"))

    async def _serve(self) -> None:
        from firsttoken.receive.intake import Intake

        intake = Intake(self._store, self._counters, max_body_bytes=self._settings.max_body_bytes)
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        listeners = self._listeners(intake)
        try:
            for listener in listeners:
                await listener.start()
            self._started.set_result(partial(loop.call_soon_threadsafe, stopping.set))
            await stopping.wait()
        finally:
            await asyncio.gather(*(listener.stop() for listener in listeners))
            intake.close()

    def _listeners(self, intake: Intake) -> list[Listener]:
        from firsttoken.receive.grpc import grpc_server
        from firsttoken.receive.http import http_app
        from firsttoken.receive.listeners import GrpcListener, HttpListener
        from firsttoken.receive.loopback import LoopbackOnly

        ports = self.ports
        listeners: list[Listener] = [GrpcListener(grpc_server(intake), ports)]
        listeners.append(HttpListener(LoopbackOnly(http_app(intake)), ports.http))
        if ports.page is not None:
            listeners.append(HttpListener(self._page(), ports.page, self._store.end_subscriptions))
        return listeners

    def _page(self) -> ASGIApp:
        if self._page_app is None:
            from firsttoken.page import create_app

            return create_app(self._store, self.health)
        return self._page_app(self._store, self.health)


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """A fast one where there is one."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
