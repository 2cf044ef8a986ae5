"""The page: answers as HTML, JSON, live news and a chart, for a browser on this machine and for the command line.

Importing this package loads no web server; `create_app` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.applications import Starlette

    from firsttoken.access import Access
    from firsttoken.analyse.answers import Health
    from firsttoken.store import LiveWarehouse

__all__ = ["create_app"]


def create_app(
    store: LiveWarehouse, health: Callable[[], Health], access: Access | None = None, budgets: Path | None = None
) -> Starlette:
    """The ASGI application over one store. Without `access` it answers to this machine only; `budgets` is a file.

    `app.state.holders.taken` counts the open requests to `/api/hold`.
    """
    from firsttoken.access import THIS_MACHINE
    from firsttoken.page.app import build

    return build(store, health, access or THIS_MACHINE, budgets)
