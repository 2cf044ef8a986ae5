"""The environment, variable by variable: what is wrong in it, what nobody reads, and which options are in force."""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Final, get_args

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Finding
from firsttoken.errors import SettingsError
from firsttoken.export.exporters import Signal, exporter_names, find_exporter
from firsttoken.pricing import PriceBook
from firsttoken.settings import CAPTURE_CONTENT, Settings

OURS: Final = "FIRSTTOKEN_"
ELSEWHERE: Final = ("FIRSTTOKEN_STORE", "FIRSTTOKEN_RUN_PYTHONS", "FIRSTTOKEN_DOCTOR_REPORTS")
"""Variables of ours that are no options of the client half."""
NO_VARIABLE: Final = frozenset({"capture_content"})
"""Options that have none of ours."""
ALL_DEFAULTS: Final = "all options have their defaults, and firsttoken run refuses to start"

SAMPLERS: Final = frozenset(
    f"{prefix}{name}" for prefix in ("", "parentbased_") for name in ("always_on", "always_off", "traceidratio")
)
SIGNALS: Final[tuple[Signal, ...]] = get_args(Signal)


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """What the value of a standard variable has to be."""

    variable: re.Pattern[str]
    holds: Callable[[str], bool]
    complaint: str
    """Completes "VARIABLE ...". The value may be secret and is not named."""
    consequence: str


def _is_number(value: str, least: float = 0.0, most: float = math.inf) -> bool:
    try:
        return least <= float(value) <= most
    except ValueError:
        return False


def _is_pairs(value: str) -> bool:
    return all("=" in pair for pair in value.split(",") if pair.strip())


def _is_sampler(value: str) -> bool:
    return value.strip().lower() in SAMPLERS or bool(entry_points(group="opentelemetry_traces_sampler", name=value))


CHECKS: Final = (
    Check(
        re.compile(r"OTEL_EXPORTER_OTLP_(\w+_)?HEADERS"),
        _is_pairs,
        "has a part without '=': write name=value,name=value",
        "that part is not sent, and a receiver that wants it turns everything away",
    ),
    Check(
        re.compile(r"OTEL_RESOURCE_ATTRIBUTES"),
        _is_pairs,
        "has a part without '=': write name=value,name=value",
        "that part is left out",
    ),
    Check(
        re.compile(r"OTEL_EXPORTER_OTLP_(\w+_)?TIMEOUT"),
        _is_number,
        "is not a number of seconds",
        "its exporter cannot be made, and what it would send is lost",
    ),
    Check(
        re.compile(r"OTEL_(BSP|BLRP)_(MAX_QUEUE_SIZE|MAX_EXPORT_BATCH_SIZE|SCHEDULE_DELAY|EXPORT_TIMEOUT)"),
        _is_number,
        "is not a number",
        "OpenTelemetry takes its default",
    ),
    Check(
        re.compile(r"OTEL_METRIC_EXPORT_(INTERVAL|TIMEOUT)"),
        _is_number,
        "is not a number of milliseconds",
        "OpenTelemetry takes its default",
    ),
    Check(
        re.compile(r"OTEL_TRACES_SAMPLER"),
        _is_sampler,
        f"names no sampler that is installed: the usual ones are {', '.join(sorted(SAMPLERS))}",
        "OpenTelemetry samples every call whose parent is sampled",
    ),
    Check(
        re.compile(r"OTEL_TRACES_SAMPLER_ARG"),
        lambda value: _is_number(value, most=1.0),
        "is not a ratio from 0 to 1",
        "OpenTelemetry samples everything",
    ),
)


def variable_findings(settings: Settings | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    """`settings` are those in force; None where firsttoken is not switched on."""
    yield from _wrong_options(environ)
    yield from _wrong_standards(environ)
    yield from _wrong_exporters()
    yield from _unknown(environ)
    if settings is not None:
        yield from _in_force(settings)


def _wrong_options(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Each variable by itself, so that none hides another."""
    for name in sorted(environ):
        if not name.startswith(OURS) and name != CAPTURE_CONTENT:
            continue
        consequence = "no content is recorded" if name == CAPTURE_CONTENT else ALL_DEFAULTS
        try:
            read = Settings.from_environment({name: environ[name]})
        except SettingsError as error:
            yield _wrong(str(error), consequence)
            continue
        try:
            PriceBook.load(read.prices)
        except SettingsError as error:
            yield _wrong(f"FIRSTTOKEN_PRICES is ignored: {error}", "costs come from the price list alone")


def _wrong_standards(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(environ):
        for check in CHECKS:
            if check.variable.fullmatch(name) and environ[name].strip() and not check.holds(environ[name]):
                yield _wrong(f"{name} {check.complaint}", check.consequence)


def _wrong_exporters() -> Iterator[Finding]:
    """The variables are read where the exporters read them: in the environment of this process."""
    told: set[str] = set()
    for signal in SIGNALS:
        try:
            for name in exporter_names(signal):
                if find_exporter(signal, name) is None:
                    complaint = (
                        f"The exporter {name!r} for {signal} is not installed: "
                        f"set OTEL_{signal.upper()}_EXPORTER to otlp, console or none, or install its package"
                    )
                    yield _wrong(complaint, f"no {signal} are exported")
        except SettingsError as error:
            if str(error) not in told:
                told.add(str(error))
                yield _wrong(str(error), "nothing that it concerns is exported")


def _unknown(environ: Mapping[str, str]) -> Iterator[Finding]:
    known = {f"{OURS}{field.name.upper()}" for field in dataclasses.fields(Settings) if field.name not in NO_VARIABLE}
    known |= set(ELSEWHERE)
    for name in sorted(environ):
        if name.startswith(OURS) and name not in known:
            words = {one.removeprefix(OURS): one for one in known}
            close = difflib.get_close_matches(name.removeprefix(OURS), words, n=1)
            suggestion = (
                f"Perhaps {words[close[0]]} was meant." if close else "Unset it, or look for its name in the README."
            )
            yield kinds.VARIABLE_UNKNOWN.found(variable=name, suggestion=suggestion)


def _in_force(settings: Settings) -> Iterator[Finding]:
    changed = list(_changed(settings))
    yield kinds.SETTINGS.found(options=", ".join(changed) or "the defaults")
    places = {
        "spans": settings.content_on_spans,
        "log events": settings.content_on_events,
        "provider traces": settings.traces_in_logs and settings.trace_content == "full",
    }
    if where := [place for place, full in places.items() if full]:
        yield kinds.CONTENT_CAPTURED.found(where=" and ".join(where), redaction=_redaction(settings))
    if settings.trace_content != "none" and not settings.traces_in_logs:
        yield kinds.TRACE_CONTENT_NOWHERE.found(level=settings.trace_content, where=settings.provider_traces)
    if settings.prices is None and not _is_installed("genai_prices"):
        yield kinds.PRICES_MISSING.found()
    if settings.httpx and not _is_installed("opentelemetry.instrumentation.httpx"):
        yield kinds.HTTPX_MISSING.found()


def _redaction(settings: Settings) -> str:
    taken_out = ", ".join(("keys and tokens", *(f"{kind} data" for kind in settings.redact_kinds)))
    own = ", as your redact function leaves them" if settings.redact_functions else ""
    return f"without {taken_out}{own}"


def _changed(settings: Settings) -> Iterator[str]:
    defaults = Settings()
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        if value != getattr(defaults, field.name):
            yield f"{field.name}={_shown(value)}"


def _shown(value: Any) -> str:
    if callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    return str(value)


def _wrong(complaint: str, consequence: str) -> Finding:
    return kinds.VARIABLE_WRONG.found(complaint=complaint, consequence=consequence)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False
