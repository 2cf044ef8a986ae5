"""Each emitter's telemetry of the same hour, from a process of its own against a provider of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from emitters_folder import folder as other_emitters

import firsttoken
from firsttoken.testing import ProviderServer

from .serving import numbered
from .traffic import ROUNDS

TESTS: Final = Path(__file__).resolve().parents[1]

OURS: Final = "ours"
OPENLLMETRY: Final = "openllmetry"
OPENINFERENCE: Final = "openinference"
OPENTELEMETRY: Final = "opentelemetry"

ENVIRONMENT: Final[Mapping[str, Mapping[str, str]]] = {
    OURS: {},
    OPENLLMETRY: {"ANTHROPIC_OPEN_TELEMETRY": "false"},
    OPENINFERENCE: {"ANTHROPIC_OPEN_TELEMETRY": "false"},
    OPENTELEMETRY: {
        "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_only",
        "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content",
    },
}
"""How each tells most, and a call of anthropic's is told of once."""


class Recorded(NamedTuple):
    """Where an hour of telemetry lies."""

    file: Path
    store: Path


def recorded(emitter: str, folder: Path, rounds: int = ROUNDS) -> Path:
    """Of so many rounds of the traffic."""
    file = folder / f"{emitter}.jsonl"
    places = (Path(firsttoken.__file__).parents[1], TESTS, *(() if emitter == OURS else (other_emitters(),)))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "FIRSTTOKEN_"))}
    environ |= {"PYTHONPATH": os.pathsep.join(map(str, places)), "OTEL_METRICS_EXPORTER": "none"}
    with ProviderServer(numbered) as server:
        command = [sys.executable, "-m", "other_emitters.program", emitter, server.base_url, str(file)]
        command += ["--rounds", str(rounds)]
        subprocess.run(command, env=environ | ENVIRONMENT[emitter], check=True, timeout=100)
    return file
