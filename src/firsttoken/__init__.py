"""OpenTelemetry-first observability for LLM calls."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firsttoken.diagnosis import diagnose
    from firsttoken.instrumentation import flush, instrument, uninstrument
    from firsttoken.settings import Settings

__all__ = ["Settings", "diagnose", "flush", "instrument", "uninstrument"]

HOMES = {
    "Settings": "firsttoken.settings",
    "diagnose": "firsttoken.diagnosis",
    "flush": "firsttoken.instrumentation",
    "instrument": "firsttoken.instrumentation",
    "uninstrument": "firsttoken.instrumentation",
}
"""Each public name is imported when it is first used, so that our own tools do not load the client half."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return __all__
