"""What every view stands on: the store, what the server knows of itself, and the parts of charts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from firsttoken.analyse import Health
from firsttoken.page.exports import file_name
from firsttoken.page.pictures.picture import Picture
from firsttoken.page.pictures.studio import Studio
from firsttoken.page.rendering import page, parts_of
from firsttoken.page.status import Status, status
from firsttoken.page.vega import Vega
from firsttoken.store import LiveWarehouse


@dataclass(frozen=True, slots=True)
class Site:
    """All stay the caller's."""

    store: LiveWarehouse
    health: Callable[[], Health]
    vega: Vega
    studio: Studio
    budgets: Path | None = None
    """The file of them, where there is one."""

    def status(self, request: Request) -> Status:
        return status(self.health(), request.app.state.holders.taken, self.store.path)


class View(ABC):
    """Some pages of one kind."""

    here = ""
    """The address in the navigation that these pages stand under."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """Those of its pages, and of what only they ask for."""

    def page(self, name: str, request: Request, status_code: int = 200, **values: Any) -> HTMLResponse:
        """A template that extends `base.html`. It may stand `here`, elsewhere than the other pages."""
        shown = {"here": self.here, "server": self._site.status(request), **values}
        return page(name, status_code, **shown)

    async def drawn(self, name: str, make: Callable[..., Picture], *asked: Any) -> Response:
        """What shows the same as a picture, to be kept as a file of this name."""
        body = await self._site.studio.png(lambda: make(*asked))
        headers = {"content-disposition": f'attachment; filename="{file_name(name, "png")}"'}
        return Response(body, media_type="image/png", headers=headers)

    def page_by_parts(self, name: str, request: Request, status_code: int = 200, **values: Any) -> StreamingResponse:
        """The same, sent as it comes: what is above can be read while what is below is still asked for.

        What takes a while is a value to call, in a template that says `{{ so_far }}` before.
        """
        parts = parts_of(name, here=self.here, server=self._site.status(request), **values)
        return StreamingResponse(parts, status_code, media_type="text/html")
