"""The committed schema of provider traces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from jsonschema import Draft202012Validator

SCHEMA: Final = json.loads(
    (Path(__file__).resolve().parents[2] / "conventions" / "provider_trace.schema.json").read_text(encoding="utf-8")
)
VALIDATOR: Final = Draft202012Validator(SCHEMA)


def complaints(body: object) -> list[str]:
    """What is wrong with the body of a log record, as lists and not tuples, by the schema."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(_decoded(body))]


def _decoded(body: object) -> object:
    return json.loads(json.dumps(body, default=_plain))


def _plain(value: object) -> object:
    """OpenTelemetry keeps maps of its own kind."""
    return dict(value)  # type: ignore[call-overload]
