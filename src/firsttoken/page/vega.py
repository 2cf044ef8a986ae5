"""The chart's JavaScript and drawing rules, made once, in a child process, when a page first needs them.

A child, because making the bundle holds the interpreter for two seconds, in which nothing could be received.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Final

from firsttoken.errors import ServerError
from firsttoken.page import chart

SNIPPET: Final = "window.vegaEmbed = vegaEmbed;"
NICENESS: Final = 5


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed with everything they need, as one script. Reads no network."""
    import vl_convert

    return vl_convert.javascript_bundle(SNIPPET)


PARTS: Final[dict[str, Callable[[], str]]] = {"bundle": bundle, "rules": chart.drawing_rules}


class Vega:
    """Each part is made at most once per server; whoever asks meanwhile waits for the same one."""

    def __init__(self) -> None:
        self._making: dict[str, asyncio.Task[bytes]] = {}

    def prepare(self) -> None:
        """Begin to make every part. Returns at once."""
        for name in PARTS:
            self._begin(name)

    async def part(self, name: str) -> bytes:
        """Raises ServerError where the part could not be made; the next question tries again."""
        making = self._begin(name)
        try:
            return await asyncio.shield(making)
        except ServerError:
            self._making.pop(name, None)
            raise

    async def close(self) -> None:
        """Stop what is still being made."""
        for making in self._making.values():
            making.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    def _begin(self, name: str) -> asyncio.Task[bytes]:
        if name not in self._making:
            self._making[name] = asyncio.create_task(_made_by_child(name))
        return self._making[name]


async def _made_by_child(name: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", __name__, name, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        made, complaint = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if child.returncode != 0:
        last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise ServerError(f"the chart's {name} could not be made: {last_line or f'exit code {child.returncode}'}")
    return made


def main(arguments: list[str]) -> int:
    """The child: write one part to standard output."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.stdout.buffer.write(PARTS[arguments[0]]().encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
