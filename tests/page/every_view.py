"""Every page that the application has a route for, and the addresses at which a store of everything is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from starlette.routing import BaseRoute, Route

from firsttoken.page import create_app

from .everything import Everything

NO_PAGES: Final = (
    "/api/",
    "/compare/before",
    "/overview/points",
    "/chart/",
    "/events",
    "/enter",
    "/export/",
    "/picture/",
    "/find",
    "/rows",
    "/suggest",
)
"""Where answers begin that are none for people: what they may hold is tested with what asks for them."""
PARAMETER: Final = re.compile(r"{(\w+)(?::\w+)?}")
PARTS_OF_A_CALL: Final = ("timeline", "timeline/words", "text", "test", "{side}")
"""What the page of a call asks for by itself, and where it leads: none of them is a page."""

ADDRESSES: Final[dict[str, Callable[[Everything], Iterable[str]]]] = {
    "/": lambda all: ("/", "/?by=model", "/?first=slowest", "/?where.failed=true&search=no+call+has+this"),
    "/compare": lambda all: ("/compare", "/compare?a.where.failed=true&b.where.failed=false"),
    "/what-if": lambda all: ("/what-if", "/what-if?to=gpt-4o-mini,no-such-model"),
    "/calls/{trace_id}/{span_id}": lambda all: (f"/calls/{call}" for call in all.calls),
    **{f"/calls/{{trace_id}}/{{span_id}}/{part}": lambda all: () for part in PARTS_OF_A_CALL},
    "/traces/{trace_id}": lambda all: (f"/traces/{trace}" for trace in all.traces),
    "/traces/{trace_id}/{span_id}": lambda all: (f"/traces/{span}" for span in all.others),
}
"""Of routes with parameters: each has to be here. The others are their own address, and may have more here."""


def every_route() -> list[str]:
    """As the application names them."""
    app = create_app(cast(Any, None), cast(Any, None))
    return [route.path for route in app.routes if _is_page(route)]


def addresses(route: str, everything: Everything) -> list[str]:
    """Where a view is looked at. Raises KeyError for one that nobody looks at: add it to ADDRESSES."""
    return [*ADDRESSES[route](everything)] if route in ADDRESSES or PARAMETER.search(route) else [route]


def _is_page(route: BaseRoute) -> bool:
    return isinstance(route, Route) and not route.path.startswith(NO_PAGES) and "GET" in (route.methods or ())
