"""The application joined: routes, the gate before them, and what happens to mistakes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from firsttoken.access import Access
from firsttoken.analyse import Health
from firsttoken.page.api import Api
from firsttoken.page.chart_parts import ChartParts
from firsttoken.page.door import Door
from firsttoken.page.exports import Exports
from firsttoken.page.gate import Gate
from firsttoken.page.mistakes import HANDLERS
from firsttoken.page.pictures.studio import Studio
from firsttoken.page.rendering import STATIC
from firsttoken.page.streams import Streams
from firsttoken.page.vega import Vega, cache_folder
from firsttoken.page.views import Site, every_view
from firsttoken.store import LiveWarehouse


def build(store: LiveWarehouse, health: Callable[[], Health], access: Access, budgets: Path | None) -> Starlette:
    """The application. The store and the counters stay the caller's."""
    vega, studio, streams = Vega(cache_folder()), Studio(), Streams(store)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        yield
        studio.close()
        await vega.close()

    app = Starlette(
        routes=[
            *(route for view in every_view(Site(store, health, vega, studio, budgets)) for route in view.routes()),
            *ChartParts(vega).routes(),
            *Api(store, health).routes(),
            *Exports(store, budgets).routes(),
            *streams.routes(),
            *Door(access).routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Gate, access)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.holders = streams.holders
    return app
