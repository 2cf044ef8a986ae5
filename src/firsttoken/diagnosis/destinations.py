"""Where each signal goes: as the environment has it for providers of ours, and as the exporters of others hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any, Final, Literal, cast
from urllib.parse import SplitResult, urlsplit

from firsttoken.diagnosis.secrets import shown_url
from firsttoken.export.exporters import OTLP_BY_PROTOCOL, Signal

Protocol = Literal["grpc", "http/protobuf"]

PROTOCOLS: Final[dict[str, Protocol]] = {name: cast("Protocol", word) for word, name in OTLP_BY_PROTOCOL.items()}
"""By the names under which exporters are installed."""
DEFAULTS: Final[dict[Protocol, str]] = {"grpc": "http://localhost:4317", "http/protobuf": "http://localhost:4318"}
ENDPOINT: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
IN_CODE: Final = "the program's own code"
PASSING_ON: Final = (
    "_exporter",
    "span_exporter",
    "_batch_processor",
    "_span_processors",
    "_log_record_processors",
    "_processor",
    "processor",
    "wrapped",
)
"""Attributes of processors and readers that hand on to something else."""
MOST_OBJECTS: Final = 2_000
"""Of one provider that are looked through for its exporters."""


@dataclass(frozen=True, slots=True)
class Security:
    """How a connection is secured: files of certificates and keys, and whether at all where the URL does not say."""

    certificate: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """One OTLP endpoint of one signal."""

    signal: Signal
    protocol: Protocol
    url: str
    """For gRPC its path does not count."""
    variable: str
    """Where it was set: the name of a variable, or the program's own code."""
    is_default: bool = False
    """Nobody set it."""
    is_secure: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    security: Security = Security()

    @property
    def shown(self) -> str:
        """Its address without secrets."""
        return shown_url(self.url)


@dataclass(frozen=True, slots=True)
class OtherExporter:
    """One whose endpoint nobody knows, such as the console."""

    name: str


def configured(signal: Signal, exporter: str, environ: Mapping[str, str]) -> Destination | OtherExporter:
    """What an exporter of this name sends to, by the rules of the OpenTelemetry specification."""
    protocol = PROTOCOLS.get(exporter)
    if protocol is None:
        return OtherExporter(exporter)
    own, general = environ.get(_variable("ENDPOINT", signal)), environ.get(ENDPOINT)
    url = own or general or DEFAULTS[protocol]
    if protocol == "http/protobuf" and not own:
        url = f"{url.removesuffix('/')}/v1/{signal}"
    return Destination(
        signal,
        protocol,
        url,
        variable=_variable("ENDPOINT", signal) if own else ENDPOINT,
        is_default=not (own or general),
        is_secure=_is_secure(signal, protocol, url, environ),
        headers=parse_headers(_value("HEADERS", signal, environ) or ""),
        security=_security(signal, environ),
    )


def parse_headers(text: str) -> dict[str, str]:
    """Of a `HEADERS` variable. What is malformed is left out; `variables` tells about it."""
    from opentelemetry.util.re import parse_env_headers

    well_formed = ",".join(pair for pair in text.split(",") if "=" in pair)
    return dict(parse_env_headers(well_formed, liberal=True))


def of_provider(signal: Signal, provider: object, environ: Mapping[str, str]) -> Iterator[Destination | OtherExporter]:
    """Those that the exporters below somebody's provider hold."""
    for exporter in _exporters(provider):
        if type(exporter).__module__.startswith("firsttoken."):
            continue  # the local copy, which has a finding of its own
        held = _attributes(exporter)
        endpoint, module = held.get("_endpoint"), type(exporter).__module__
        protocol: Protocol = "grpc" if ".grpc" in module else "http/protobuf"
        if not isinstance(endpoint, str) or "otlp" not in module:
            yield OtherExporter(type(exporter).__qualname__)
            continue
        is_secure = endpoint.startswith("https:") or _is_held_secure(held)
        if "://" not in endpoint:
            endpoint = f"{'https' if is_secure else 'http'}://{endpoint}"
        yield Destination(
            signal,
            protocol,
            endpoint,
            variable=_where_set(signal, endpoint, environ),
            is_secure=is_secure,
            headers=_headers_held(held) or parse_headers(_value("HEADERS", signal, environ) or ""),
            security=_security(signal, environ),
        )


def local_copy(signal: Signal, base_url: str) -> Destination:
    """The copy for `FIRSTTOKEN_LOCAL_ENDPOINT`."""
    url = f"{base_url.rstrip('/')}/v1/{signal}"
    return Destination(signal, "http/protobuf", url, variable="FIRSTTOKEN_LOCAL_ENDPOINT")


def _exporters(provider: object) -> Iterator[object]:
    """What below a provider exports, found by looking and asking nothing."""
    waiting, seen = [provider], {id(provider)}
    while waiting and len(seen) < MOST_OBJECTS:
        thing = waiting.pop()
        if _exports(thing):
            yield thing
            continue
        for part in _parts(thing):
            if id(part) not in seen:
                seen.add(id(part))
                waiting.append(part)


def _exports(thing: object) -> bool:
    """An exporter, or a processor or reader that does without one."""
    kind, held = type(thing), _attributes(thing)
    if hasattr(kind, "export"):
        return hasattr(kind, "shutdown")
    is_last = any(hasattr(kind, name) for name in ("on_end", "on_emit", "collect")) and hasattr(kind, "force_flush")
    return is_last and not any(name in held for name in PASSING_ON)


def _parts(thing: object) -> Iterator[object]:
    if isinstance(thing, (list, tuple, set, frozenset)):
        yield from cast("list[object]", thing)
    elif isinstance(thing, dict):
        yield from cast("dict[object, object]", thing).values()
    elif not isinstance(thing, (type, ModuleType, FunctionType, str, bytes)):
        yield from _attributes(thing).values()


def _attributes(thing: object) -> dict[str, Any]:
    return dict(getattr(thing, "__dict__", {}))


def _is_held_secure(exporter: Mapping[str, Any]) -> bool:
    """Of a gRPC exporter. Those before OpenTelemetry 1.40 keep credentials where they need them, and no word for it."""
    insecure = exporter.get("_insecure")
    return exporter.get("_credentials") is not None if insecure is None else not insecure


def _headers_held(exporter: Mapping[str, Any]) -> dict[str, str]:
    headers = exporter.get("_headers", _attributes(exporter.get("_client")).get("_headers"))
    return {str(name): str(value) for name, value in dict(cast("Any", headers or ())).items()}


def _where_set(signal: Signal, endpoint: str, environ: Mapping[str, str]) -> str:
    host = _split(endpoint).netloc
    for name in (_variable("ENDPOINT", signal), ENDPOINT):
        if (value := environ.get(name)) and _split(value).netloc == host:
            return name
    return IN_CODE


def _split(url: str) -> SplitResult:
    """Empty for what is no address; that is told when it is asked."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def _is_secure(signal: Signal, protocol: Protocol, url: str, environ: Mapping[str, str]) -> bool:
    """A gRPC address without http:// is secured unless the variable says otherwise."""
    scheme = _split(url).scheme
    if protocol != "grpc" or scheme == "https":
        return scheme == "https"
    word = _value("INSECURE", signal, environ)
    return scheme != "http" if word is None else word.strip().lower() != "true"


def _security(signal: Signal, environ: Mapping[str, str]) -> Security:
    names = ("CERTIFICATE", "CLIENT_CERTIFICATE", "CLIENT_KEY")
    return Security(*(_value(name, signal, environ) for name in names))


def _value(name: str, signal: Signal, environ: Mapping[str, str]) -> str | None:
    return environ.get(_variable(name, signal)) or environ.get(f"OTEL_EXPORTER_OTLP_{name}") or None


def _variable(name: str, signal: Signal) -> str:
    return f"OTEL_EXPORTER_OTLP_{signal.upper()}_{name}"
