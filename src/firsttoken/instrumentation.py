"""Joins the client half."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Collection, Mapping
from functools import partial
from importlib import import_module
from typing import Final

from opentelemetry._logs import LoggerProvider
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from firsttoken.contexts.baggage import allow
from firsttoken.errors import SettingsError
from firsttoken.export.late import LateTracerProvider
from firsttoken.export.outbox import OUTBOX
from firsttoken.export.telemetry import GivenProviders
from firsttoken.export.termination import Termination
from firsttoken.guard import guarded
from firsttoken.observe.captured import Captured
from firsttoken.observe.http import HttpRequests
from firsttoken.observe.keys import keys_of
from firsttoken.observe.patch import Patch
from firsttoken.observe.recording import Recording
from firsttoken.observe.seam import Seam
from firsttoken.pipeline import PIPELINES, Pipeline
from firsttoken.privacy.policy import Levels, levels_now
from firsttoken.providers.names import ProviderNames, address_of
from firsttoken.providers.sdk import ANTHROPIC, OPENAI, Sdk
from firsttoken.providers.wire import Wire
from firsttoken.settings import CAPTURE_CONTENT, Settings, read_content_capture

log = logging.getLogger("firsttoken")

PATCHES: Final = {sdk.distribution: Patch(sdk) for sdk in (OPENAI, ANTHROPIC)}
HTTP_REQUESTS: Final = HttpRequests()
NONE_GIVEN: Final = GivenProviders()

TERMINATION: Final = Termination(lambda: _on_sigterm(ends=False), lambda: _on_sigterm(ends=True))

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
    instrument_sdks((OPENAI, ANTHROPIC), settings, given)


def uninstrument() -> None:
    """Restores both SDKs. Calls that still run are recorded to their end. Never raises."""
    uninstrument_sdks((OPENAI, ANTHROPIC))


def flush(timeout_s: float = 5.0) -> bool:
    """Waits until every finished call and span has been emitted and our own providers have sent it. Never raises.

    Returns False when that took longer than `timeout_s` seconds. What an exporter gave up is told as lost, not here.
    Providers of the application are its own to flush.
    """
    pipeline = _pipeline
    return bool(guarded("flush")(_handed_over if pipeline is None else pipeline.flush)(timeout_s))


def _handed_over(timeout_s: float) -> bool:
    """What ends while nothing is observed: calls that began before, and spans for the application's own providers."""
    return not OUTBOX.used or OUTBOX.run(lambda: True, timeout_s) is True


def shutdown(timeout_s: float = 5.0) -> bool:
    """Ends everything of ours in this process: for the end of a program that runs no exit handlers. Never raises.

    Calls that still run are recorded as abandoned, everything is emitted and sent, both SDKs are restored, and our own
    providers are shut down. Providers of the application stay as they are, for it to flush. Returns False when that
    took longer than `timeout_s` seconds. Doing it twice does nothing more, and `instrument()` begins anew.
    """
    return bool(_shut_down(timeout_s))


@guarded("shut down")
def _shut_down(timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    with _lock:
        _leave()
        left = list(PIPELINES)
    PIPELINES.clear()
    ended = [pipeline.shut_down(max(deadline - time.monotonic(), 0)) for pipeline in left]
    return all(ended)


@guarded("instrument")
def instrument_sdks(sdks: Collection[Sdk], settings: Settings | None, given: GivenProviders) -> None:
    """`instrument` for some of the SDKs."""
    global _pipeline  # noqa: PLW0603  one process, one pipeline
    with _lock:
        old = _pipeline
        pipeline = _pipeline = _standing(settings, given) or Pipeline(settings or environment_settings(), given)
        allow(pipeline.settings.baggage)
        asked = {sdk.distribution for sdk in sdks}
        for distribution, patch in PATCHES.items():
            if distribution in asked or patch.seam is not None:
                _observe(patch, pipeline, only_adapted=distribution not in asked and not _is_observed(patch))
        if pipeline.settings.httpx:
            HTTP_REQUESTS.trace(LateTracerProvider(_tracer_provider))
        _trap(pipeline.settings)
        if old is not None and old is not pipeline:
            old.close()


@guarded("observe adapters")
def observe_adapters(given: GivenProviders = NONE_GIVEN) -> None:
    """Observes what streaming adapters ask of SDKs that are not observed, and nothing else that these are asked.

    Telemetry goes where `instrument()` would send it. It lasts until `uninstrument()`, and each call renews it.
    """
    global _pipeline  # noqa: PLW0603
    if _pipeline is not None and all(patch.seam is not None for patch in PATCHES.values()):
        return
    with _lock:
        if _pipeline is None:
            _pipeline = Pipeline(environment_settings(), given)
            _trap(_pipeline.settings)
        pipeline = _pipeline
        for patch in PATCHES.values():
            if patch.seam is None:
                _observe(patch, pipeline, only_adapted=True)


def speaks_through_an_sdk(client: object) -> bool:
    """Whether a client's calls go by a method that we have wrapped."""
    return any(
        isinstance(owner, type) and isinstance(client, owner) and name == patch.sdk.seam
        for patch in PATCHES.values()
        for owner, name, _ in patch.places
    )


@guarded("record a call of an adapter")
def begin_call(client: object, wire: Wire, asked: Mapping[str, object], *, since: int = 0) -> Recording | None:
    """A recording, with its span opened, of a streamed call that goes by no SDK; None where nothing is to be observed.

    `since` is when it began by `perf_counter_ns`, where that was before now.
    """
    observe_adapters()
    pipeline = _pipeline
    if pipeline is None or not is_instrumentation_enabled():
        return None
    address = address_of(client)
    provider = ProviderNames(pipeline.settings.providers).behind(address, client, wire.api.partition(".")[0])
    request = Seam.described(wire, asked, provider, address, stream=True)
    recording = Recording(request, wire, pipeline, time.perf_counter_ns)
    recording.keys = partial(keys_of, client, None)
    levels = levels_now(Levels.of(pipeline.settings))
    if levels.wants_bodies:
        recording.captured = Captured(levels, None, asked, {})
    if since:
        recording.date_back(since)
    pipeline.started(recording)
    return recording


def _trap(settings: Settings) -> None:
    """As the last who asked has it."""
    if settings.flush_on_sigterm:
        TERMINATION.trap()
    else:
        TERMINATION.leave()


def _on_sigterm(*, ends: bool) -> None:
    if _pipeline is not None:
        _pipeline.on_sigterm(ends=ends)


def standing_pipeline() -> Pipeline | None:
    """The one of this process, while an SDK or an adapter is observed."""
    return _pipeline


def _standing(settings: Settings | None, given: GivenProviders) -> Pipeline | None:
    """The pipeline there is, where nothing else was asked for than it has."""
    if _pipeline is None or settings not in (None, _pipeline.settings) or given not in (NONE_GIVEN, _pipeline.given):
        return None
    return _pipeline


def _is_observed(patch: Patch) -> bool:
    """Whether all calls of the SDK are."""
    return patch.seam is not None and not patch.seam.only_adapted


def _observe(patch: Patch, pipeline: Pipeline, *, only_adapted: bool) -> None:
    options = pipeline.settings
    names = ProviderNames(options.providers)
    seam = Seam(
        patch.sdk,
        pipeline,
        include_usage=options.include_usage,
        clock=time.perf_counter_ns,
        names=names,
        levels=_levels(options),
        only_adapted=only_adapted,
    )
    patch.apply(seam)


def _levels(options: Settings) -> Levels:
    """What reads content is imported here, by those who capture it, rather than on the way of their first call."""
    levels = Levels.of(options)
    if levels.wants_messages or levels.wants_bodies:
        import_module("firsttoken.providers.contents")
    return levels


def _tracer_provider() -> TracerProvider | None:
    return None if _pipeline is None else _pipeline.tracer_provider()


@guarded("uninstrument")
def uninstrument_sdks(sdks: Collection[Sdk]) -> None:
    """`uninstrument` for some of the SDKs."""
    with _lock:
        for sdk in sdks:
            PATCHES[sdk.distribution].remove()
        if _pipeline is not None and not any(_is_observed(patch) for patch in PATCHES.values()):
            old = _pipeline
            _leave()
            old.close()


def _leave() -> None:
    """Takes everything of ours out of the SDKs."""
    global _pipeline  # noqa: PLW0603
    for patch in PATCHES.values():
        patch.remove()
    _pipeline = None
    HTTP_REQUESTS.leave()
    TERMINATION.leave()


def _unlock() -> None:
    """In a forked child, where no thread is left that could."""
    global _lock  # noqa: PLW0603  one process, one lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)


def environment_settings() -> Settings:
    """Defaults where the environment cannot be understood. A wrong word for the content, whose variable is not ours
    alone, takes no other option with it.
    """
    environ = dict(os.environ)
    try:
        read_content_capture(environ)
    except SettingsError as error:
        log.warning("firsttoken records no content: %s", error)
        del environ[CAPTURE_CONTENT]
    try:
        return Settings.from_environment(environ)
    except SettingsError as error:
        log.warning("firsttoken uses its defaults: %s", error)
        return Settings()
