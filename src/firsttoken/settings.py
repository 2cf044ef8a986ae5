"""Every option of the client half, read once from the environment and frozen.

The options of our own tools are flags of the commands in `cli/`. Standard `OTEL_*` variables are read
where OpenTelemetry reads them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from firsttoken.errors import SettingsError

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})

NAMED_HOST: Final = re.compile(r"([\w.*?:\-\[\]]+)=([\w.\-]+)")
"""One `host=name`, where the host may be a pattern and have a port."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the client half. Each has an environment variable: its name in upper case after `FIRSTTOKEN_`."""

    include_usage: bool = False
    """Ask Chat Completions streams for usage on the caller's behalf, and keep the extra chunk from the caller."""
    httpx: bool = False
    """Give each call's HTTP requests spans of their own (extra `httpx`)."""
    prices: Path | None = None
    """A TOML file with prices that take precedence over the price list."""
    providers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Who answers at hosts of your own: `{"llm.example.com": "vllm", "*.corp.example": "openai"}`. A host stands for
    its subdomains too, and may have a port; the first one that fits decides, before anything that is known otherwise.
    In the environment: `llm.example.com=vllm,*.corp.example=openai`."""
    local_endpoint: str | None = None
    """Base URL of an OTLP/HTTP receiver that gets everything besides what the application configured.
    `firsttoken run` sets it."""
    exit_timeout_s: float = 2.0
    """How long the end of the program may be held up to deliver what is left, in seconds."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Raises SettingsError for a value that cannot be understood."""
        prices = environ.get("FIRSTTOKEN_PRICES", "").strip()
        return cls(
            include_usage=read_boolean(environ, "FIRSTTOKEN_INCLUDE_USAGE", default=False),
            httpx=read_boolean(environ, "FIRSTTOKEN_HTTPX", default=False),
            prices=Path(prices) if prices else None,
            providers=read_names(environ, "FIRSTTOKEN_PROVIDERS"),
            local_endpoint=environ.get("FIRSTTOKEN_LOCAL_ENDPOINT", "").strip() or None,
            exit_timeout_s=read_seconds(environ, "FIRSTTOKEN_EXIT_TIMEOUT_S", default=2.0),
        )


def read_boolean(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    """`true`/`false` and their usual spellings; empty is unset."""
    word = environ.get(name, "").strip().lower()
    if not word:
        return default
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingsError(f"{name}={environ[name]!r} is not a yes or no: set it to true or false, or unset it")


def read_names(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """`host=name` with commas between, in that order; empty is none."""
    given = environ.get(name, "").strip()
    pairs = [pair.strip() for pair in given.split(",")] if given else []
    found = [NAMED_HOST.fullmatch(pair) for pair in pairs]
    if None in found:
        wrong = pairs[found.index(None)]
        raise SettingsError(f"{name} has {wrong!r}, which is not host=name: write host=name,host=name, or unset it")
    return {match[1]: match[2] for match in found if match is not None}


def read_seconds(environ: Mapping[str, str], name: str, *, default: float) -> float:
    """A number of seconds that is not negative; empty is unset."""
    word = environ.get(name, "").strip()
    if not word:
        return default
    try:
        seconds = float(word)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise SettingsError(f"{name}={environ[name]!r} is not a number of seconds: set it to 0 or more, or unset it")
    return seconds
