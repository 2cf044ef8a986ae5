"""The page: answers as HTML, JSON, live news and a chart, for a browser on this machine and for the command line.

Importing this package loads no web server; `create_app` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from firsttoken.analyse.answers import Health
    from firsttoken.store import Store

__all__ = ["create_app"]


def create_app(store: Store, health: Callable[[], Health]) -> Starlette:
    """The ASGI application over one store. It answers to the names of this machine only.

    `app.state.holders` counts the open requests to `/api/hold`.
    """
    from firsttoken.page.app import build

    return build(store, health)
