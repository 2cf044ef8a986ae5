"""The application joined: routes, the gate before them, and what happens to mistakes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from firsttoken.analyse import Health
from firsttoken.page.api import Api
from firsttoken.page.gate import Gate
from firsttoken.page.mistakes import HANDLERS
from firsttoken.page.rendering import STATIC
from firsttoken.page.streams import Streams
from firsttoken.page.vega import Vega, cache_folder
from firsttoken.page.views import Views
from firsttoken.store import Store


def build(store: Store, health: Callable[[], Health]) -> Starlette:
    """The application. The store and the counters stay the caller's."""
    vega = Vega(cache_folder())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        yield
        await vega.close()

    app = Starlette(
        routes=[
            *Views(store, health, vega).routes(),
            *Api(store, health).routes(),
            *Streams(store).routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        middleware=[Middleware(Gate)],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.holders = 0
    return app
