"""Programs as a user runs them, against the provider server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from firsttoken.testing import ProviderServer

EXAMPLES = Path(__file__).parents[2] / "examples"


def environ(server: ProviderServer) -> dict[str, str]:
    return {
        **os.environ,
        "OPENAI_BASE_URL": server.openai_base_url,
        "ANTHROPIC_BASE_URL": server.anthropic_base_url,
        "OPENAI_API_KEY": "not-a-real-key",
        "ANTHROPIC_API_KEY": "not-a-real-key",
        "OTEL_SDK_DISABLED": "true",
    }


def run(server: ProviderServer, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    python = [sys.executable, "-W", "error", *command]
    return subprocess.run(
        python, env=environ(server), capture_output=True, text=True, timeout=60, check=False, input=typed
    )
