"""What the observed program's environment gets beside what the user set: instrumentation, a run id, a local receiver.

The user's own settings win everywhere. The working directory is not put on PYTHONPATH, as `opentelemetry-instrument`
does: a file there named like a module of the standard library would then be imported by every Python program below.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from firsttoken.settings import CAPTURE_CONTENT

STARTUP: Final = Path(__file__).parent.absolute() / "startup"
RUN_ID: Final = "firsttoken.run.id"
SERVICE_NAME: Final = "service.name"
SIGNALS: Final = ("TRACES", "METRICS", "LOGS")
DECLARATIVE: Final = ("OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE")
HTTP_INSTRUMENTATIONS: Final = ("httpx", "httpx2")
EXIT_TIMEOUT_S: Final = "10"
"""A receiver on this machine answers at once or is gone, so on a busy machine too the last calls are worth the wait."""
PYTHON: Final = re.compile(r"(python|pypy)[\d.]*t?(\.exe)?")
OPTIONS_WITH_VALUE: Final = frozenset({"-W", "-X", "--check-hash-based-pycs"})


@dataclass(frozen=True, slots=True)
class Observation:
    """How one run is to be observed."""

    run_id: str
    local_endpoint: str
    pythons: Path
    """A file in which every Python below says that it was there."""
    include_usage: bool = False
    httpx: bool = False
    content: bool = False


def observed_environment(environ: Mapping[str, str], words: Sequence[str], observation: Observation) -> dict[str, str]:
    """The environment for the command `words`, a new mapping."""
    return {
        **environ,
        **_quiet_exporters(environ),
        "PYTHONPATH": _python_path(environ.get("PYTHONPATH", "")),
        "OTEL_RESOURCE_ATTRIBUTES": _resource_attributes(environ, words, observation.run_id),
        "FIRSTTOKEN_LOCAL_ENDPOINT": observation.local_endpoint,
        "FIRSTTOKEN_RUN_PYTHONS": str(observation.pythons),
        "FIRSTTOKEN_EXIT_TIMEOUT_S": environ.get("FIRSTTOKEN_EXIT_TIMEOUT_S") or EXIT_TIMEOUT_S,
        "FIRSTTOKEN_LIVE": environ.get("FIRSTTOKEN_LIVE") or "true",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": _left_to_us(environ),
        **({"FIRSTTOKEN_INCLUDE_USAGE": "true"} if observation.include_usage else {}),
        **({"FIRSTTOKEN_HTTPX": "true"} if observation.httpx else {}),
        **({CAPTURE_CONTENT: "SPAN_AND_EVENT"} if observation.content else {}),
    }


def diagnosed_environment(environ: Mapping[str, str], *, reports: Path, pythons: Path) -> dict[str, str]:
    """The environment for a program that is observed as the user's own settings have it, and says how it stood in a
    file of the folder `reports`. A new mapping.
    """
    return {
        **environ,
        "PYTHONPATH": _python_path(environ.get("PYTHONPATH", "")),
        "FIRSTTOKEN_RUN_PYTHONS": str(pythons),
        "FIRSTTOKEN_DOCTOR_REPORTS": str(reports),
    }


def _python_path(before: str) -> str:
    """Our start-up directory first, and no second way of instrumenting behind it.

    Nothing else is added for an empty path: an empty entry would mean the working directory.
    """
    replaced = {str(STARTUP), _auto_instrumentation_directory()}
    others = [entry for entry in before.split(os.pathsep) if entry not in replaced] if before else []
    return os.pathsep.join([str(STARTUP), *others])


def _auto_instrumentation_directory() -> str | None:
    """Where `opentelemetry-instrument` keeps its own start-up module."""
    spec = importlib.util.find_spec("opentelemetry.instrumentation.auto_instrumentation")
    return None if spec is None or spec.origin is None else str(Path(spec.origin).parent.absolute())


def _quiet_exporters(environ: Mapping[str, str]) -> dict[str, str]:
    """`none` for each signal that nobody configured: its exporter would try localhost:4317 for nothing.

    The copy for the local receiver does not depend on these variables.
    """
    if any(environ.get(name) for name in DECLARATIVE) or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return {}
    return {
        f"OTEL_{signal}_EXPORTER": "none"
        for signal in SIGNALS
        if not environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") and not environ.get(f"OTEL_{signal}_EXPORTER")
    }


def _left_to_us(environ: Mapping[str, str]) -> str:
    """Whether HTTP requests get spans is one setting of firsttoken, not a matter of what happens to be installed."""
    disabled = [name for name in environ.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(",") if name.strip()]
    return ",".join(dict.fromkeys([*disabled, *HTTP_INSTRUMENTATIONS]))


def _resource_attributes(environ: Mapping[str, str], words: Sequence[str], run_id: str) -> str:
    pairs = [pair for pair in environ.get("OTEL_RESOURCE_ATTRIBUTES", "").split(",") if pair.strip()]
    kept = [pair for pair in pairs if pair.partition("=")[0].strip() != RUN_ID]
    named = environ.get("OTEL_SERVICE_NAME") or any(pair.partition("=")[0].strip() == SERVICE_NAME for pair in kept)
    service = [] if named else [f"{SERVICE_NAME}={quote(program_name(words), safe='')}"]
    return ",".join([*kept, *service, f"{RUN_ID}={run_id}"])


def program_name(words: Sequence[str]) -> str:
    """What a person would call the program: `app` for `python app.py`, `pkg.mod` for `python -m pkg.mod`."""
    names = [Path(word).name for word in words]
    for index, name in enumerate(names):
        if PYTHON.fullmatch(name):
            return _script_name(words[index + 1 :]) or name
    return names[0]


def _script_name(arguments: Sequence[str]) -> str | None:
    rest = iter(arguments)
    for argument in rest:
        if argument == "-m":
            return next(rest, None)
        if argument in OPTIONS_WITH_VALUE:
            next(rest, None)
        elif argument in ("-c", "-"):
            return None
        elif not argument.startswith("-"):
            return Path(argument).stem
    return None
