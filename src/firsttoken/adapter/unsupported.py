"""The failure of a call that no wire can make: told to the caller, and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from firsttoken.adapter.ask import Ask
from firsttoken.adapter.recorded import WireReadElsewhere
from firsttoken.adapter.registry import known_apis
from firsttoken.adapter.wire import Said
from firsttoken.errors import LLMUnsupportedClientError
from firsttoken.instrumentation import begin_call


def refused(client: object, api: str | None, request: Mapping[str, Any] | Ask) -> LLMUnsupportedClientError:
    """The error to raise, of which there is a failed call."""
    package = type(client).__module__.partition(".")[0]
    error = LLMUnsupportedClientError(_why(client, api), provider=package)
    asked = {"model": request.model} if isinstance(request, Ask) else request
    recording = begin_call(client, WireReadElsewhere(api or package, Said), asked)
    if recording is not None:
        recording.fail(error)
    return error


def _why(client: object, api: str | None) -> str:
    name = f"{type(client).__module__}.{type(client).__qualname__}"
    known = ", ".join(known_apis()) or "none"
    if api is not None and api not in known_apis():
        return f"there is no wire called {api!r}: choose from {known}, or add one by register_wire()"
    through = "no wire speaks" if api is None else f"{api} cannot be spoken"
    return (
        f"{through} through a {name}: take a client of openai or anthropic for one of {known},"
        " or add a wire by register_wire()"
    )
