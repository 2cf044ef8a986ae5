"""Where telemetry goes: through whose providers, to which endpoints, and whether they answer."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.instrumentation.utils import suppress_instrumentation

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.asking import LIMIT_S, Answer, ask
from firsttoken.diagnosis.destinations import Destination, OtherExporter, configured, local_copy, of_provider
from firsttoken.diagnosis.finding import Finding
from firsttoken.errors import SettingsError
from firsttoken.export.exporters import Signal, exporter_names, find_exporter
from firsttoken.export.telemetry import LOGS, METRICS, TRACES, GivenProviders, Source, find_provider
from firsttoken.pipeline import Pipeline

PROTOCOL_WORDS: Final = {"grpc": "gRPC", "http/protobuf": "HTTP"}
SAMPLER: Final = "OTEL_TRACES_SAMPLER"
WHOSE: Final = {
    "given": (
        "the providers that instrument() was given, made by {maker}",
        "They are the application's to flush and to shut down.",
    ),
    "application": (
        "the application's own providers, made by {maker}",
        "firsttoken joins them and never replaces them. They are the application's to flush.",
    ),
    "ours": (
        "providers of firsttoken's own",
        "The application has set none. They are made from OTEL_* at the first call, and never made global.",
    ),
}
"""By what `find_provider` says: which provider it is, and what that means."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One signal on its way."""

    signal: Signal
    words: str
    source: Source
    has_local_copy: bool = True


STREAMS: Final = (
    Stream("traces", "spans", TRACES),
    Stream("metrics", "metrics", METRICS, has_local_copy=False),
    Stream("logs", "log events", LOGS),
)
WORDS: Final = {stream.signal: stream.words for stream in STREAMS}


def provider_findings(pipeline: Pipeline | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    yield from _distributions()
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        signals = "spans, metrics and log events"
        yield kinds.SWITCHED_OFF.found(variable="OTEL_SDK_DISABLED", value="true", signals=signals)
    yield from _sampling(pipeline, environ)
    if pipeline is None:
        return
    yield from _providers(pipeline)
    for stream in STREAMS:
        _, provider = _standing(stream, pipeline)
        if provider is not None and not any(True for _ in of_provider(stream.signal, provider, environ)):
            yield kinds.PROVIDER_EMPTY.found(signal=stream.words.capitalize(), maker=_maker(provider))
    for complaint in pipeline.telemetry.complaints:
        yield kinds.EXPORT_FAILED.found(complaint=complaint)


def _providers(pipeline: Pipeline) -> Iterator[Finding]:
    """Signals whose providers are of one kind are told together."""
    kept: dict[tuple[str, str], list[str]] = {}
    for stream in STREAMS:
        whose, provider = _standing(stream, pipeline)
        kept.setdefault((whose, _maker(provider)), []).append(stream.words)
    for (whose, maker), signals in kept.items():
        words, consequence = WHOSE[whose]
        yield kinds.PROVIDERS.found(
            signals=_sentence(signals).capitalize(), whose=words.format(maker=maker), consequence=consequence
        )


def endpoint_findings(
    pipeline: Pipeline | None, environ: Mapping[str, str], *, asks: bool, limit_s: float = LIMIT_S
) -> Iterator[Finding]:
    """Endpoints that answer alike are told together."""
    destinations: list[Destination] = []
    for stream in STREAMS:
        for found in _destinations(stream, pipeline, environ):
            if isinstance(found, Destination):
                destinations.append(found)
            elif isinstance(found, OtherExporter):
                yield kinds.EXPORTED_ELSEWHERE.found(signal=stream.words.capitalize(), exporter=found.name)
            else:
                yield found
    groups: dict[tuple[object, ...], list[tuple[Destination, Answer | None]]] = {}
    for destination, answer in _asked(destinations, limit_s) if asks else ((one, None) for one in destinations):
        outcome = None if answer is None else (answer.kind, answer.reason)
        key = (destination.protocol, _base(destination), destination.variable, outcome)
        groups.setdefault(key, []).append((destination, answer))
    for group in groups.values():
        yield _told([destination for destination, _ in group], group[0][1], limit_s)


def _asked(destinations: Sequence[Destination], limit_s: float) -> Iterator[tuple[Destination, Answer]]:
    """Whom nobody can reach for one signal is not asked for the next."""
    unreached: dict[tuple[str, str], Answer] = {}
    with suppress_instrumentation():
        for destination in destinations:
            place = (destination.protocol, _base(destination))
            answer = unreached.get(place) or ask(destination, limit_s)
            if not answer.reached:
                unreached[place] = answer
            yield destination, answer


def _told(group: Sequence[Destination], answer: Answer | None, limit_s: float) -> Finding:
    first = group[0]
    facts = {
        "signals": _sentence([WORDS[destination.signal] for destination in group]).capitalize(),
        "endpoint": first.shown if len(group) == 1 else _base(first),
        "protocol": PROTOCOL_WORDS[first.protocol],
        "variable": first.variable,
    }
    if answer is None:
        return kinds.ENDPOINT_UNASKED.found(
            **facts, reason="Nobody was to be asked, or a process that this one is forked from does so."
        )
    names = ", ".join(sorted(first.headers))
    kind = answer.kind
    if kind is kinds.ENDPOINT_REFUSED and first.is_default:
        kind = kinds.ENDPOINT_UNCONFIGURED
    return kind.found(
        **facts,
        reason=answer.reason,
        milliseconds=round(answer.seconds * 1000),
        limit_s=f"{limit_s:g}",
        headers=f"what is sent has {names}, whose value may be wrong" if names else "none is set now",
        exporter_variable=f"OTEL_{first.signal.upper()}_EXPORTER",
    )


def _destinations(
    stream: Stream, pipeline: Pipeline | None, environ: Mapping[str, str]
) -> Iterator[Destination | OtherExporter | Finding]:
    _, provider = _standing(stream, pipeline)
    if provider is not None:
        yield from of_provider(stream.signal, provider, environ)
    else:
        yield from _of_ours(stream, environ)
    local = None if pipeline is None else pipeline.settings.local_endpoint
    if local is not None and stream.has_local_copy:
        yield local_copy(stream.signal, local)


def _of_ours(stream: Stream, environ: Mapping[str, str]) -> Iterator[Destination | OtherExporter | Finding]:
    try:
        names = exporter_names(stream.signal)
    except SettingsError:
        return  # It has a finding of its own among the variables, and so has an exporter that is not installed.
    variable = f"OTEL_{stream.signal.upper()}_EXPORTER"
    if not names:
        yield kinds.NOT_EXPORTED.found(
            signal=stream.words.capitalize(), variable=variable, value=environ.get(variable, "")
        )
    for name in names:
        if find_exporter(stream.signal, name) is not None:
            yield configured(stream.signal, name, environ)


def _standing(stream: Stream, pipeline: Pipeline | None) -> tuple[str, Any | None]:
    return find_provider(stream.source, GivenProviders() if pipeline is None else pipeline.given)


def _distributions() -> Iterator[Finding]:
    found = [
        entry
        for group in ("opentelemetry_distro", "opentelemetry_configurator")
        for entry in importlib.metadata.entry_points(group=group)
    ]
    names = {entry.dist.name: entry.name for entry in found if entry.dist is not None}
    for distribution, entry in names.items():
        yield kinds.DISTRIBUTION.found(entry=entry, distribution=distribution)


def _sampling(pipeline: Pipeline | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    _, provider = _standing(STREAMS[0], pipeline)
    word = environ.get(SAMPLER, "").strip()
    describe = getattr(getattr(provider, "sampler", None), "get_description", None)
    sampler = str(describe()) if callable(describe) else word
    root = re.sub(r"^ParentBased\{root:|^parentbased_", "", sampler).lower()
    if root.startswith(("alwaysoff", "always_off")):
        yield kinds.SAMPLED_OUT.found(sampler=sampler)
    elif root and not root.startswith(("alwayson", "always_on")):
        ratio = environ.get(f"{SAMPLER}_ARG", "").strip()
        yield kinds.SAMPLED.found(sampler=f"{sampler} ({ratio})" if provider is None and ratio else sampler)


def _base(destination: Destination) -> str:
    """The address without what differs from signal to signal."""
    return destination.shown.removesuffix(f"/v1/{destination.signal}")


def _maker(provider: object) -> str:
    """The package that the class of a provider comes from."""
    package = type(provider).__module__.split(".")[:2]
    return ".".join(part for part in package if not part.startswith("_"))


def _sentence(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
