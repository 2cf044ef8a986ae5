"""Which local half a run uses: the one that runs already, else one of its own."""

from __future__ import annotations

from firsttoken.cli.local_half import JoinedHalf, LocalHalf, OwnHalf
from firsttoken.cli.options import GRPC_PORT, HTTP_PORT, PAGE_PORT, Places, default_store_path, serve_settings
from firsttoken.cli.running import find_server
from firsttoken.errors import PortInUseError, ServerError
from firsttoken.serve import BoundPorts, ServeSettings, bind
from firsttoken.store import Store


def open_local_half(places: Places) -> LocalHalf:
    """Raises PortInUseError for a port that was asked for, and StoreError."""
    joined = _join(places)
    if joined is not None:
        return joined
    settings = serve_settings(places, GRPC_PORT, HTTP_PORT, PAGE_PORT)
    try:
        bound = bind(settings)
    except PortInUseError:
        # Perhaps by another run that began a moment ago; else by a program that may well have the usual ports.
        joined = _join(places)
        if joined is not None:
            return joined
        settings = serve_settings(places, 0, 0, 0)
        bound = bind(settings)
    return _own(places, settings, bound)


def _join(places: Places) -> LocalHalf | None:
    server = find_server(PAGE_PORT if places.page_port is None else places.page_port)
    if server is None or (places.store_path is not None and not server.keeps(places.store_path)):
        return None
    endpoint = server.status.health.http_endpoint
    if endpoint is None:
        return None
    try:
        return JoinedHalf(server, endpoint)
    except ServerError:  # it ended between two questions
        return None


def _own(places: Places, settings: ServeSettings, bound: BoundPorts) -> LocalHalf:
    path = places.store_path or default_store_path()
    try:
        return OwnHalf(Store.open(path), settings, bound)
    except BaseException:
        bound.close()
        raise
