"""What a browser draws charts with: their JavaScript, and the rules of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from firsttoken.page.charts import CHARTS
from firsttoken.page.vega import BUNDLE, Vega

LASTING: Final = {"cache-control": "private, max-age=86400"}


class ChartParts:
    """`/chart/...`."""

    def __init__(self, vega: Vega) -> None:
        self._vega = vega

    def routes(self) -> Sequence[Route]:
        return [Route("/chart/vega.js", self._bundle), Route("/chart/{name}.json", self._rules)]

    async def _bundle(self, request: Request) -> Response:
        return Response(await self._vega.part(BUNDLE), media_type="text/javascript", headers=LASTING)

    async def _rules(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in CHARTS:
            raise HTTPException(404, f"There is no chart {name!r}.")
        return Response(await self._vega.part(name), media_type="application/json", headers=LASTING)
