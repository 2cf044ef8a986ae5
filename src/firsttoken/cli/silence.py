"""Why a run saw no call: what the Pythons below it said about themselves, as one line for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from firsttoken.providers.sdk import ANTHROPIC, OPENAI, Sdk

SDKS: Final = (OPENAI, ANTHROPIC)
SWITCHES: Final = {
    "OTEL_SDK_DISABLED": {"true"},
    "OTEL_TRACES_SAMPLER": {"always_off", "parentbased_always_off"},
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": {"*", "firsttoken-openai", "firsttoken-anthropic"},
}
"""Standard variables of the user's own that turn calls off, and the words that do so."""


@dataclass(frozen=True, slots=True)
class Python:
    """One interpreter that started below the run."""

    executable: str
    observed: bool
    """False where firsttoken is not installed for it."""
    path: tuple[str, ...]
    """Its sys.path at the start."""


def read_pythons(file: Path) -> tuple[Python, ...]:
    """Each kind of interpreter once. A line that cannot be read is left out: programs of others wrote it."""
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(dict.fromkeys(python for line in lines if (python := _python(line)) is not None))


def _python(line: str) -> Python | None:
    try:
        return TypeAdapter(Python).validate_json(line)
    except ValidationError:
        return None


def why_no_calls(pythons: Sequence[Python], environ: Mapping[str, str]) -> str:
    """The most useful of the possible reasons, and what to do."""
    for name, values in SWITCHES.items():
        if values & {word.strip().lower() for word in environ.get(name, "").split(",")}:
            return f"{name}={environ[name]} keeps them back: unset it"
    observed = [python for python in pythons if python.observed]
    if not pythons:
        return "no Python that can be observed was started (one run with -I, -E or -S cannot)"
    if not observed:
        executable = pythons[-1].executable
        return f"{executable} ran without firsttoken: install it there with {executable} -m pip install firsttoken"
    python = observed[-1]
    installed = [(sdk, version) for sdk in SDKS if (version := _version(sdk.distribution, python.path)) is not None]
    if not installed:
        return f"neither openai nor anthropic is installed for {python.executable}"
    outdated = [_advice(sdk, version) for sdk, version in installed if _numbers(version) < _numbers(sdk.oldest)]
    if outdated:
        return "; ".join(outdated)
    named = " or ".join(f"{sdk.distribution} {version}" for sdk, version in installed)
    return f"the program made no call through {named}, or could not deliver it"


def _version(distribution: str, path: Sequence[str]) -> str | None:
    found = distributions(name=distribution, path=list(path))
    return next((one.version for one in found), None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version)[:2])


def _advice(sdk: Sdk, version: str) -> str:
    name = sdk.distribution
    return f"{name} {version} is too old to be observed: upgrade with pip install '{name}>={sdk.oldest}'"
