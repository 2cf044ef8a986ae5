"""The page: answers as HTML, JSON, live news and a chart, for a browser on this machine and for the command line.

Importing this package loads no web server; `create_app` does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from firsttoken.analyse.answers import Health
    from firsttoken.store import Store

__all__ = ["create_app"]


def create_app(store: Store, health: Callable[[], Health], *, hosts: Collection[str] = ()) -> Starlette:
    """The ASGI application over one store. Its answers are for this machine only.

    `hosts` are further names that a browser may use for this server, besides those of the loopback interface.
    `app.state.holders` counts the open requests to `/api/hold`.
    """
    from firsttoken.page.app import build

    return build(store, health, hosts)
