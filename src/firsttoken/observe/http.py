"""Spans of their own for HTTP requests, by the instrumentors made for it."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, Final

from opentelemetry.trace import TracerProvider

from firsttoken.guard import guarded

log = logging.getLogger("firsttoken")

INSTRUMENTORS: Final = ("HTTPXClientInstrumentor", "HTTPX2ClientInstrumentor")


class HttpRequests:
    """Traces them where nobody else does already."""

    def __init__(self) -> None:
        self._ours: list[Any] = []

    @guarded("instrument httpx")
    def trace(self, tracer_provider: TracerProvider) -> None:
        if self._ours:
            return
        try:
            from opentelemetry.instrumentation import httpx
            from opentelemetry.instrumentation.dependencies import DependencyConflictError
        except ImportError:
            log.warning("firsttoken cannot trace HTTP requests: run pip install 'firsttoken[httpx]'")
            return
        for name in INSTRUMENTORS:
            make = getattr(httpx, name, None)
            if make is not None and not make().is_instrumented_by_opentelemetry:
                with suppress(DependencyConflictError):  # Its client is not installed, and the SDKs use the other one.
                    make().instrument(tracer_provider=tracer_provider, raise_exception_on_conflict=True)
                    self._ours.append(make())

    @guarded("restore httpx")
    def leave(self) -> None:
        """Takes off what we put on."""
        while self._ours:
            self._ours.pop().uninstrument()
