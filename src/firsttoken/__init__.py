"""OpenTelemetry-first observability for LLM calls."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firsttoken.adapter import StreamAdapter
    from firsttoken.contexts import ContextExecutor, carry, context
    from firsttoken.diagnosis import diagnose
    from firsttoken.instrumentation import flush, instrument, shutdown, uninstrument
    from firsttoken.privacy import redactors
    from firsttoken.privacy.policy import content
    from firsttoken.settings import Settings
    from firsttoken.spans import agent, step, tool, traced, workflow
    from firsttoken.trace.record import ProviderTrace

__all__ = [
    "ContextExecutor",
    "ProviderTrace",
    "Settings",
    "StreamAdapter",
    "agent",
    "carry",
    "content",
    "context",
    "diagnose",
    "flush",
    "instrument",
    "redactors",
    "shutdown",
    "step",
    "tool",
    "traced",
    "uninstrument",
    "workflow",
]

HOMES = {
    "ContextExecutor": "firsttoken.contexts",
    "ProviderTrace": "firsttoken.trace.record",
    "Settings": "firsttoken.settings",
    "StreamAdapter": "firsttoken.adapter",
    "agent": "firsttoken.spans",
    "carry": "firsttoken.contexts",
    "content": "firsttoken.privacy.policy",
    "context": "firsttoken.contexts",
    "diagnose": "firsttoken.diagnosis",
    "flush": "firsttoken.instrumentation",
    "instrument": "firsttoken.instrumentation",
    "redactors": "firsttoken.privacy.redactors",
    "shutdown": "firsttoken.instrumentation",
    "step": "firsttoken.spans",
    "tool": "firsttoken.spans",
    "traced": "firsttoken.spans",
    "uninstrument": "firsttoken.instrumentation",
    "workflow": "firsttoken.spans",
}
"""Each public name is imported when it is first used, so that our own tools do not load the client half. One that ends
its own home is that module."""


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(HOMES[name])
    value = globals()[name] = home if HOMES[name].endswith(f".{name}") else getattr(home, name)
    return value


def __dir__() -> list[str]:
    return __all__
