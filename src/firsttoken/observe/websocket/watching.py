"""Where the watch goes on an SDK's connections: every socket that one holds is replaced by its stand-in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from firsttoken.observe.websocket.slot import Slot
from firsttoken.observe.websocket.socket import AsyncWatchedSocket, StandIn, WatchedSocket, talk_on
from firsttoken.observe.websocket.talk import Talk
from firsttoken.providers.sdk import SocketSeam

if TYPE_CHECKING:
    from firsttoken.observe.seam import Seam

GetSeam = Callable[[], "Seam | None"]
"""What observes at the moment, if anything does."""


def has_sockets(place: SocketSeam, module: Any) -> bool:
    """Whether the module has connections as we know them."""
    connections = [getattr(module, name, None) for name in place.connections]
    return all(inspect.isclass(cls) and place.socket in inspect.get_annotations(cls) for cls in connections)


def slots(place: SocketSeam, module: Any, seam: GetSeam) -> Iterator[tuple[type, str, Slot]]:
    """A class, the name of an attribute, and the slot for it: the socket of each connection, and the connection of each
    manager, which alone knows the client."""
    for name in place.connections:
        connection, manager = getattr(module, name), getattr(module, f"{name}Manager", None)
        stand_in = AsyncWatchedSocket if inspect.iscoroutinefunction(connection.recv) else WatchedSocket
        yield connection, place.socket, Slot(place.socket, partial(_watched, place.socket, seam, stand_in))
        if manager is not None:
            held = f"_{manager.__name__}__connection"
            yield manager, held, Slot(held, partial(_named, place.socket, f"_{manager.__name__}__client"))


def _watched(name: str, seam: GetSeam, stand_in: Callable[[Any, Talk], StandIn], connection: Any, socket: Any) -> Any:
    if talk_on(socket) is not None or socket is None or (observing := seam()) is None:
        return socket
    talk = Talk(seam, socket, observing.clock)
    # A connection that is opened again, by another socket, is still the same client's.
    if (former := talk_on(_held(connection, name))) is not None:
        talk.client = former.client
    return stand_in(socket, talk)


def _named(socket: str, client: str, manager: Any, connection: Any) -> Any:
    """The connection itself, whose calls now know their client."""
    talk = talk_on(getattr(connection, socket, None))
    if talk is not None:
        talk.client = _held(manager, client)
    return connection


def _held(instance: Any, name: str) -> Any:
    held: dict[str, Any] = instance.__dict__
    return held.get(name)
