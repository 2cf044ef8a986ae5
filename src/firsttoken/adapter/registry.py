"""The wires that the adapter knows, and which of them a request goes by."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.chat import ChatWire
from firsttoken.adapter.messages import MessagesWire
from firsttoken.adapter.responses import ResponsesWire
from firsttoken.adapter.wire import AdapterWire

_wires: Final[list[AdapterWire]] = [ChatWire(), ResponsesWire(), MessagesWire()]
_lock: Final = threading.Lock()


def register_wire(wire: AdapterWire) -> None:
    """Adds a wire of your own, in front of those that are known. It takes the place of one that has the same `api`."""
    with _lock:
        _wires[:] = [wire, *(known for known in _wires if known.api != wire.api)]


def known_apis() -> tuple[str, ...]:
    """The names of all wires, the one that is asked first in front."""
    return tuple(wire.api for wire in tuple(_wires))


def wire_for(client: Any, request: Mapping[str, Any] | Ask, api: str | None) -> AdapterWire | None:
    """The wire to take for a request through a client; None where none fits the client.

    `api` names one. Without it, it is the first that fits the client, and of several the first that the provider's own
    arguments are made for.
    """
    fitting = [wire for wire in tuple(_wires) if api in (None, wire.api) and wire.fits(client)]
    if len(fitting) > 1 and not isinstance(request, Ask):
        fitting = [wire for wire in fitting if wire.fits_arguments(request)] or fitting
    return next(iter(fitting), None)
