"""How the server and its store fare."""

from __future__ import annotations

import time
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firsttoken.analyse.arriving import HEALTH, HealthOptions
from firsttoken.analyse.asking import answered
from firsttoken.errors import StoreError
from firsttoken.page.health_findings import NOTHING_YET, findings
from firsttoken.page.views.view import View


class HealthView(View):
    """`/health`. It is there also where the store cannot be read: then it says why."""

    here = "/health"

    def routes(self) -> Sequence[Route]:
        return [Route("/health", self._health)]

    async def _health(self, request: Request) -> HTMLResponse:
        return await run_in_threadpool(self._page, request)

    def _page(self, request: Request) -> HTMLResponse:
        problem = store = None
        try:
            store = answered(HEALTH, self._site.store, HealthOptions())
        except StoreError as error:
            problem = str(error)
        server = self._site.health()
        return self.page(
            "health.html",
            request,
            store=store,
            problem=problem,
            health=server,
            findings=findings(server, store, time.time_ns()),
            nothing_yet=NOTHING_YET,
        )
