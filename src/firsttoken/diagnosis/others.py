"""Who else traces the calls of an SDK: other instrumentations, the SDK itself, and those of its HTTP client."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Finding, listed
from firsttoken.diagnosis.vendors import Vendor, remedy, vendor_of
from firsttoken.diagnosis.wrappers import Wrapped, wrapped_functions
from firsttoken.observe.native import SWITCH
from firsttoken.observe.patch import Patch
from firsttoken.settings import FALSE_WORDS

T = TypeVar("T")

DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
HTTP_CLIENTS: Final = ("httpx", "httpx2")
FRAMEWORKS: Final = frozenset(
    {
        "agno",
        "autogen",
        "autogen_agentchat",
        "beeai",
        "crewai",
        "dspy",
        "google_adk",
        "haystack",
        "instructor",
        "langchain",
        "litellm",
        "llama_index",
        "llamaindex",
        "openai_agents",
        "portkey",
        "pydantic_ai",
        "smolagents",
        "strands",
    }
)
"""As instrumentations name them."""
FOREMOST: Final = ("Completions.create", "Responses.create", "Messages.create", "OpenAI.request")
"""Functions that a person knows, named before others."""
FOR_AN_SDK: Final = re.compile(r"([\w.\-]+).*extra\s*==\s*['\"]instruments")


def other_tracers(patch: Patch, environ: Mapping[str, str]) -> Iterator[Finding]:
    """For one SDK."""
    sdk, is_observed = patch.sdk.distribution, bool(patch.seam is not None and patch.places)
    active = _by_author(wrapped_functions(sdk))
    for author, wrapped in active.items():
        yield _other(sdk, author, wrapped, is_observed=is_observed)
    yield from _idle(sdk, [module for found in active.values() for module in _modules(found)], environ)
    yield from _native(patch, environ, is_observed=is_observed)


def http_spans() -> Iterator[Finding]:
    """Made by an instrumentation of the HTTP client, ours or the application's."""
    found = {client: _modules(wrapped) for client in HTTP_CLIENTS if (wrapped := wrapped_functions(client))}
    if found:
        modules = dict.fromkeys(module for modules in found.values() for module in modules)
        yield kinds.HTTP_SPANS.found(clients=", ".join(found), module=listed(modules))


def traced_frameworks() -> Iterator[Finding]:
    """By instrumentations that are on, of what calls the SDKs on somebody's behalf."""
    for kind in sorted(_below(BaseInstrumentor), key=lambda kind: kind.__module__):
        framework = kind.__module__.rpartition("instrumentation.")[2].partition(".")[0]
        theirs: BaseInstrumentor | None = vars(kind).get("_instance")
        if framework in FRAMEWORKS and theirs is not None and theirs.is_instrumented_by_opentelemetry:
            yield kinds.FRAMEWORK_TRACED.found(framework=framework, module=kind.__module__)


def _below(kind: type[T]) -> Iterator[type[T]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def disabled_instrumentations(environ: Mapping[str, str]) -> list[str]:
    """The names that zero-code instrumentation passes over."""
    return [word.strip() for word in environ.get(DISABLED, "").split(",") if word.strip()]


def _by_author(functions: Sequence[Wrapped]) -> dict[Vendor | str, list[Wrapped]]:
    """By vendor, or by package where it is not a known one."""
    found: dict[Vendor | str, list[Wrapped]] = {}
    for wrapped in functions:
        for author in dict.fromkeys(vendor_of(module) or module.partition(".")[0] for module in wrapped.layers):
            found.setdefault(author, []).append(wrapped)
    return found


def _other(sdk: str, author: Vendor | str, wrapped: Sequence[Wrapped], *, is_observed: bool) -> Finding:
    places = dict.fromkeys(one.place for one in wrapped)
    words = listed([name for name in FOREMOST if name in places] + [name for name in places if name not in FOREMOST])
    modules = [module for module in _modules(wrapped) if (vendor_of(module) or module.partition(".")[0]) == author]
    if not isinstance(author, Vendor):
        return kinds.OTHER_WRAPPER.found(sdk=sdk, module=listed(modules), places=words)
    kind = kinds.OTHER_TRACER if is_observed else kinds.OTHER_TRACER_ALONE
    return kind.found(sdk=sdk, who=author.name, module=listed(modules), places=words, remedy=remedy(author, sdk))


def _modules(wrapped: Sequence[Wrapped]) -> list[str]:
    return list(dict.fromkeys(module for one in wrapped for module in one.layers))


def _idle(sdk: str, active: Sequence[str], environ: Mapping[str, str]) -> Iterator[Finding]:
    """Instrumentors of others that zero-code instrumentation could load."""
    passed_over = disabled_instrumentations(environ)
    for entry in importlib.metadata.entry_points(group="opentelemetry_instrumentor"):
        distribution = entry.dist
        if distribution is None or distribution.name == "firsttoken" or entry.name in passed_over:
            continue
        is_active = any(module == entry.module or module.startswith(f"{entry.module}.") for module in active)
        if _instruments(distribution, sdk) and not is_active and "*" not in passed_over:
            yield kinds.INSTRUMENTOR_IDLE.found(
                sdk=sdk, distribution=distribution.name, version=distribution.version, entry=entry.name
            )


def _instruments(distribution: importlib.metadata.Distribution, sdk: str) -> bool:
    matches = (FOR_AN_SDK.match(line) for line in distribution.requires or ())
    return any(match is not None and match[1] == sdk for match in matches)


def _native(patch: Patch, environ: Mapping[str, str], *, is_observed: bool) -> Iterator[Finding]:
    """Spans that the SDK makes itself, and which of the two stay."""
    if not is_observed or patch.seam is None or not patch.seam.replaces_native_spans:
        return
    word = environ.get(SWITCH, "").strip().lower()
    if word not in FALSE_WORDS:
        kind = kinds.NATIVE_KEPT if word else kinds.NATIVE_REPLACED
        yield kind.found(sdk=patch.sdk.distribution)
