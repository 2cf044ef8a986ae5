"""Tracers that are known by name, for a better word than that of a module. Those that are not listed are found too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Vendor:
    """Somebody else who traces calls."""

    name: str
    prefixes: tuple[str, ...]
    """Of the modules whose code stands around an SDK's functions."""
    remedy: str
    """How to have it leave an SDK alone."""


DISABLED: Final = "set OTEL_PYTHON_DISABLED_INSTRUMENTATIONS={sdk}, or leave out its {instrumentor}().instrument()"

VENDORS: Final = (
    Vendor(
        "OpenTelemetry's own GenAI instrumentation",
        (
            "opentelemetry.instrumentation.genai.",
            "opentelemetry.instrumentation.openai_v2",
            "opentelemetry.util.genai",
        ),
        DISABLED,
    ),
    Vendor(
        "OpenLLMetry", ("opentelemetry.instrumentation.openai", "opentelemetry.instrumentation.anthropic"), DISABLED
    ),
    Vendor("Traceloop", ("traceloop.",), "give Traceloop.init block_instruments with this SDK"),
    Vendor("OpenInference", ("openinference.",), DISABLED),
    Vendor("Logfire", ("logfire",), "leave out logfire.instrument_{sdk}()"),
    Vendor("Langfuse", ("langfuse",), "import {sdk} itself and not from langfuse"),
    Vendor("OpenLIT", ("openlit",), "give openlit.init disabled_instrumentors=['{sdk}']"),
    Vendor("MLflow", ("mlflow",), "call mlflow.{sdk}.autolog(disable=True)"),
    Vendor("Datadog", ("ddtrace",), "set DD_TRACE_{SDK}_ENABLED=false"),
    Vendor("Sentry", ("sentry_sdk",), "give sentry_sdk.init disabled_integrations with its {sdk} integration"),
    Vendor("LangSmith", ("langsmith",), "leave out langsmith's wrapper around the client"),
    Vendor("Braintrust", ("braintrust",), "leave out braintrust's wrapper around the client"),
    Vendor("Opik", ("opik",), "leave out opik's track_{sdk}()"),
    Vendor("Weave", ("weave",), "leave {sdk} out of weave.init's autopatch_settings"),
    Vendor("New Relic", ("newrelic",), "set ai_monitoring.enabled to false"),
)

INSTRUMENTORS: Final = {"openai": "OpenAIInstrumentor", "anthropic": "AnthropicInstrumentor"}


def vendor_of(module: str) -> Vendor | None:
    """Whose code a module is; None for one that is not known, such as the application's own."""
    for vendor in VENDORS:
        if any(_has(module, prefix) for prefix in vendor.prefixes):
            return vendor
    return None


def remedy(vendor: Vendor, sdk: str) -> str:
    """How to have it leave this SDK alone."""
    return vendor.remedy.format(sdk=sdk, SDK=sdk.upper(), instrumentor=INSTRUMENTORS.get(sdk, "instrumentor"))


def _has(module: str, prefix: str) -> bool:
    name = prefix.rstrip(".")
    return module == name or module.startswith(f"{name}.")
