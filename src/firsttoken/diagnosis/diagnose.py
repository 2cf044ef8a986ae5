"""All findings about this process."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from firsttoken.diagnosis import kinds
from firsttoken.diagnosis.finding import Diagnosis, Finding
from firsttoken.diagnosis.sdks import sdk_findings, uses_an_sdk
from firsttoken.diagnosis.secrets import Secrets
from firsttoken.diagnosis.state import call_findings, loss_findings
from firsttoken.diagnosis.telemetry import endpoint_findings, provider_findings
from firsttoken.diagnosis.variables import variable_findings
from firsttoken.instrumentation import standing_pipeline


def diagnose(*, ask_endpoints: bool = True) -> Diagnosis:
    """Says how this process stands. Never raises, and changes nothing.

    Args:
        ask_endpoints: sends an empty delivery to each OTLP endpoint, to learn whether it answers. That takes a few
            milliseconds where it does, and up to 6 seconds for each that is silent.
    """
    environ = dict(os.environ)
    secrets = Secrets(environ)
    pipeline = standing_pipeline()
    settings = None if pipeline is None else pipeline.settings
    steps: tuple[tuple[str, Callable[[], Iterable[Finding]]], ...] = (
        ("count the calls", lambda: call_findings(pipeline, uses_an_sdk=uses_an_sdk())),
        ("look at the SDKs", lambda: sdk_findings(environ)),
        ("read the environment", lambda: variable_findings(settings, environ)),
        ("look at the providers", lambda: provider_findings(pipeline, environ)),
        ("ask the endpoints", lambda: endpoint_findings(pipeline, environ, asks=ask_endpoints)),
        ("count what was lost", lambda: loss_findings(secrets.hide)),
    )
    findings = tuple(_without(secrets, finding) for step, find in steps for finding in _carefully(step, find))
    return Diagnosis(
        version=version("firsttoken"),
        python=platform.python_version(),
        executable=sys.executable,
        pid=os.getpid(),
        program=_program(),
        uses_an_sdk=uses_an_sdk(),
        findings=findings,
    )


def _carefully(step: str, find: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What one step found before it failed counts, and so do the steps after it."""
    try:
        yield from find()
    except Exception as error:  # noqa: BLE001  packages and variables of others may be anything
        yield kinds.STEP_FAILED.found(step=step, reason=f"{type(error).__name__}: {error}".partition("\n")[0])


def _without(secrets: Secrets, finding: Finding) -> Finding:
    facts = {name: secrets.hide(fact) for name, fact in finding.facts.items()}
    return replace(finding, what=secrets.hide(finding.what), advice=secrets.hide(finding.advice), facts=facts)


def _program() -> str:
    name = Path(sys.argv[0]).name if sys.argv else ""
    return "python" if name in ("", "-c", "-m") else name
