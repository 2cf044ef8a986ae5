"""`python -m firsttoken.testing`: a provider server in the foreground, until it is interrupted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import suppress

from firsttoken.errors import PortInUseError
from firsttoken.testing.default_script import DefaultScript
from firsttoken.testing.scenarios import SCENARIO_HEADER, SCENARIOS
from firsttoken.testing.server import ProviderServer

DEFAULT_PORT = 4320


def main() -> int:
    """Returns 0 when interrupted and 1 when the port is taken."""
    options = _parser().parse_args()
    for interruption in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interruption, signal.default_int_handler)
    script = DefaultScript(options.pace)
    try:
        with suppress(KeyboardInterrupt), ProviderServer(script, host=options.host, port=options.port) as server:
            print(f"provider server on {server.base_url}", flush=True)
            print(f"  OPENAI_BASE_URL={server.openai_base_url}", flush=True)
            print(f"  ANTHROPIC_BASE_URL={server.anthropic_base_url}", flush=True)
            threading.Event().wait()
    except PortInUseError as error:
        print(f"firsttoken.testing: {error}", file=sys.stderr)
        return 1
    return 0


def port(text: str) -> int:
    """Raises ValueError. Argparse names the function in its message, as it does `pace`."""
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def pace(text: str) -> float:
    """Raises ValueError."""
    return DefaultScript(float(text)).pace


def _parser() -> argparse.ArgumentParser:
    known = ", ".join(SCENARIOS)
    parser = argparse.ArgumentParser(
        prog="python -m firsttoken.testing",
        description="A local server that speaks the OpenAI and Anthropic wire formats.",
        epilog=f"The request header {SCENARIO_HEADER} asks for a special case: {known}.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=port, default=DEFAULT_PORT, help="0 takes a free one (%(default)s)")
    parser.add_argument("--pace", type=pace, default=1.0, help="1 is as slow as a model, 0 is at once (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
