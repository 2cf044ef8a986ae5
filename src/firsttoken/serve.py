"""The local half joined: one store, the receivers and the page, in one event loop on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from firsttoken.receive.ports import BoundPorts, ServeSettings, bind

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from firsttoken.analyse.answers import Health
    from firsttoken.store import Store

    PageFactory = Callable[[Store, Callable[[], Health]], ASGIApp]

__all__ = ["BoundPorts", "ServeSettings", "Server", "bind"]


class Server:
    """Receives, stores and shows until it is stopped. The store stays the caller's: stopping does not close it.

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
        raise NotImplementedError

    @property
    def ports(self) -> BoundPorts:
        """What was bound, with the real port numbers. Raises ServerError before `start`."""
        raise NotImplementedError

    def health(self) -> Health:
        """What was received and refused so far."""
        raise NotImplementedError

    def start(self) -> None:
        """Returns when all ports answer. Raises PortInUseError or SettingsError."""

    def stop(self) -> None:
        """Answers what was begun, commits it, ends live views and lets go of the ports. Idempotent."""

    def run_forever(self) -> None:
        """Serves until SIGINT or SIGTERM, then stops cleanly. For the main thread only."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
