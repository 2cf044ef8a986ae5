"""The entry points of zero-code instrumentation: what `opentelemetry-instrument` loads, one for each SDK."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

from firsttoken.export.telemetry import GivenProviders
from firsttoken.instrumentation import instrument_sdks, uninstrument_sdks
from firsttoken.providers.sdk import ANTHROPIC, OPENAI, Sdk


class _Instrumentor(BaseInstrumentor):
    """Observes one SDK. Every option but the providers is ignored."""

    sdk: Sdk

    def instrumentation_dependencies(self) -> Collection[str]:
        return (f"{self.sdk.distribution} >= {self.sdk.oldest}",)

    def _instrument(self, **kwargs: Any) -> None:
        given = GivenProviders(*(kwargs.get(name) for name in ("tracer_provider", "meter_provider", "logger_provider")))
        instrument_sdks((self.sdk,), None, given)

    def _uninstrument(self, **kwargs: Any) -> None:
        del kwargs
        uninstrument_sdks((self.sdk,))


class OpenAIInstrumentor(_Instrumentor):
    """Observes the `openai` SDK."""

    sdk = OPENAI


class AnthropicInstrumentor(_Instrumentor):
    """Observes the `anthropic` SDK."""

    sdk = ANTHROPIC
