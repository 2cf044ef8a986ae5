"""The page alone, over calls that others write: nothing is received."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from firsttoken.clickhouse.watching import Watched
from firsttoken.receive.ports import ServeSettings, bind_page
from firsttoken.receive.serving import ServingThread

if TYPE_CHECKING:
    from firsttoken.analyse.answers import Health
    from firsttoken.receive.listeners import Listener

__all__ = ["PageServer", "Watched"]


class PageServer:
    """Shows a warehouse from `start` to `stop`, once. The warehouse stays the caller's."""

    def __init__(self, warehouse: Watched, settings: ServeSettings) -> None:
        """Claims the port. Raises PortInUseError and SettingsError."""
        self._warehouse = warehouse
        self._page = bind_page(settings)
        self._access = settings.page_access
        self._budgets = settings.budgets
        self._started_unix_ns = time.time_ns()
        self._serving = ServingThread(self._listeners)

    @property
    def url(self) -> str:
        """As this machine reaches it."""
        return self._page.url

    def health(self) -> Health:
        from firsttoken.analyse.answers import Health

        return Health(
            started_unix_ns=self._started_unix_ns,
            spans=0,
            log_records=0,
            metric_points=0,
            refused_items={},
            refused_requests={},
            store_failure=self._warehouse.failure,
            page_url=self.url,
        )

    def start(self) -> None:
        """Returns when the page answers. Raises ServerError."""
        self._serving.start()
        self._serving.wait()

    def stop(self) -> None:
        """Answers what was begun and lets go of the port. Idempotent."""
        self._serving.stop()
        self._page.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listeners(self, _: ExitStack) -> Sequence[Listener]:
        from firsttoken.page import create_app
        from firsttoken.receive.listeners import HttpListener

        app = create_app(self._warehouse, self.health, self._access, self._budgets)
        return [HttpListener(app, self._page.sockets, self._warehouse.end_subscriptions)]
