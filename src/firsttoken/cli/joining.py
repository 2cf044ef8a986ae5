"""Which local half a run uses: the one that runs already, else one of its own."""

from __future__ import annotations

import socket

from firsttoken.cli.local_half import LocalHalf, OwnHalf
from firsttoken.cli.options import GRPC_PORT, HTTP_PORT, PAGE_PORT, Places, default_store_path, serve_settings
from firsttoken.errors import PortInUseError
from firsttoken.serve import BoundPorts, ServeSettings, bind
from firsttoken.store import Limits, Store


def open_local_half(places: Places) -> LocalHalf:
    """Raises PortInUseError for a port that was asked for, and StoreError."""
    page_is_taken = _somebody_listens(places)
    if page_is_taken and (joined := _join(places)) is not None:
        return joined
    settings = serve_settings(places, GRPC_PORT, HTTP_PORT, PAGE_PORT)
    try:
        bound = bind(settings)
    except PortInUseError:
        # By another run that began a moment ago, perhaps; else by a program that may well have the usual ports.
        if not page_is_taken and _somebody_listens(places) and (joined := _join(places)) is not None:
            return joined
        settings = serve_settings(places, 0, 0, 0)
        bound = bind(settings)
    return _own(places, settings, bound)


def _join(places: Places) -> LocalHalf | None:
    from firsttoken.cli.joined_half import join_running  # late: it imports what the first run needs only at its end

    return join_running(places)


def _somebody_listens(places: Places) -> bool:
    port = PAGE_PORT if places.page_port is None else places.page_port
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def _own(places: Places, settings: ServeSettings, bound: BoundPorts) -> LocalHalf:
    try:
        store = Store.open(places.store_path or default_store_path())
        return OwnHalf(store, settings, bound, Limits(places.kept.max_age_s, places.kept.max_size_bytes))
    except BaseException:
        bound.close()
        raise
