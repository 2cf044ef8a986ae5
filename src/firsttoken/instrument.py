"""Joins the client half, and is the entry point for zero-code instrumentation."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection
from typing import Any, Final

from opentelemetry._logs import LoggerProvider
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from firsttoken.errors import SettingsError
from firsttoken.export.telemetry import GivenProviders
from firsttoken.guard import guarded
from firsttoken.observe.patch import Patch
from firsttoken.observe.seam import Seam
from firsttoken.pipeline import Pipeline
from firsttoken.providers.names import ProviderNames
from firsttoken.providers.sdk import ANTHROPIC, OPENAI, Sdk
from firsttoken.settings import Settings

log = logging.getLogger("firsttoken")

PATCHES: Final = {sdk.distribution: Patch(sdk) for sdk in (OPENAI, ANTHROPIC)}

_lock = threading.RLock()
_pipeline: Pipeline | None = None


def instrument(
    settings: Settings | None = None,
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    logger_provider: LoggerProvider | None = None,
) -> None:
    """Observes every call of the `openai` and `anthropic` SDKs, of clients made before and after. Never raises.

    Calling it again changes nothing, unless it names other settings or providers: those then hold for the calls that
    follow. Providers that are not named are the application's own; where it has none, ours are built from `OTEL_*`.

    Args:
        settings: options; None reads them from the environment.
        tracer_provider: where spans go.
        meter_provider: where metrics go.
        logger_provider: where log events go.
    """
    given = GivenProviders(tracer_provider, meter_provider, logger_provider)
    _instrument((OPENAI, ANTHROPIC), settings, given)


def uninstrument() -> None:
    """Restores both SDKs. Calls that still run are recorded to their end. Never raises."""
    _uninstrument((OPENAI, ANTHROPIC))


def flush(timeout_s: float = 5.0) -> bool:
    """Waits until every finished call has been emitted and our own providers have sent it. Never raises.

    Returns False when that took longer than `timeout_s` seconds. Providers of the application are its own to flush.
    """
    pipeline = _pipeline
    return pipeline is None or bool(guarded("flush")(pipeline.flush)(timeout_s))


@guarded("instrument")
def _instrument(sdks: Collection[Sdk], settings: Settings | None, given: GivenProviders) -> None:
    global _pipeline  # noqa: PLW0603  one process, one pipeline
    with _lock:
        named = settings is not None or given != GivenProviders()
        old = _pipeline
        if old is None or named:
            _pipeline = Pipeline(settings or _settings(), given)
        assert _pipeline is not None  # noqa: S101  for the type checker
        for sdk in sdks if old is None or not named else _observed(sdks):
            PATCHES[sdk.distribution].apply(_seam(sdk, _pipeline))
        if old is not None and old is not _pipeline:
            old.close()
        if _pipeline.settings.httpx:
            _instrument_httpx(_pipeline)


def _seam(sdk: Sdk, pipeline: Pipeline) -> Seam:
    options = pipeline.settings
    names = ProviderNames(options.providers)
    return Seam(sdk, pipeline, include_usage=options.include_usage, clock=time.perf_counter_ns, names=names)


def _observed(sdks: Collection[Sdk]) -> list[Sdk]:
    """The SDKs named now and those observed already, which move to a new pipeline together."""
    already = {patch.sdk.distribution: patch.sdk for patch in PATCHES.values() if patch.seam is not None}
    return list((already | {sdk.distribution: sdk for sdk in sdks}).values())


@guarded("uninstrument")
def _uninstrument(sdks: Collection[Sdk]) -> None:
    global _pipeline
    with _lock:
        for sdk in sdks:
            PATCHES[sdk.distribution].remove()
        if _pipeline is not None and all(patch.seam is None for patch in PATCHES.values()):
            old, _pipeline = _pipeline, None
            old.close()


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsError as error:
        log.warning("firsttoken uses its defaults: %s", error)
        return Settings()


@guarded("instrument httpx")
def _instrument_httpx(pipeline: Pipeline) -> None:
    """Gives HTTP requests spans of their own, by the instrumentors made for it, unless somebody did already."""
    try:
        from opentelemetry.instrumentation import httpx
    except ImportError:
        log.warning("firsttoken cannot trace HTTP requests: run pip install 'firsttoken[httpx]'")
        return
    for name in ("HTTPXClientInstrumentor", "HTTPX2ClientInstrumentor"):
        instrumentor = getattr(httpx, name, None)
        if instrumentor is not None and not instrumentor().is_instrumented_by_opentelemetry:
            instrumentor().instrument(tracer_provider=pipeline.telemetry.tracer_provider())


class _Instrumentor(BaseInstrumentor):
    """What `opentelemetry-instrument` loads, one for each SDK. The options it passes are ours to ignore."""

    sdk: Sdk

    def instrumentation_dependencies(self) -> Collection[str]:
        return (f"{self.sdk.distribution} >= {self.sdk.oldest}",)

    def _instrument(self, **kwargs: Any) -> None:
        given = GivenProviders(*(kwargs.get(name) for name in ("tracer_provider", "meter_provider", "logger_provider")))
        _instrument((self.sdk,), None, given)

    def _uninstrument(self, **kwargs: Any) -> None:
        del kwargs
        _uninstrument((self.sdk,))


class OpenAIInstrumentor(_Instrumentor):
    """Observes the `openai` SDK."""

    sdk = OPENAI


class AnthropicInstrumentor(_Instrumentor):
    """Observes the `anthropic` SDK."""

    sdk = ANTHROPIC
