"""The chart's JavaScript and drawing rules, made when a page first needs them and kept in the user's cache folder.

They are made in a child process, because making the bundle holds the interpreter for two seconds, in which nothing
could be received.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from firsttoken.errors import ServerError
from firsttoken.page import chart

logger = logging.getLogger(__name__)

SNIPPET: Final = "window.vegaEmbed = vegaEmbed;"
NICENESS: Final = 5


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed with everything they need, as one script. Reads no network."""
    import vl_convert

    return vl_convert.javascript_bundle(SNIPPET)


PARTS: Final[dict[str, Callable[[], str]]] = {"bundle": bundle, "rules": chart.drawing_rules}


class Vega:
    """Each part is made at most once at a time; whoever asks meanwhile waits for the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: dict[str, asyncio.Task[bytes]] = {}
        self._children: set[subprocess.Popen[bytes]] = set()

    def prepare(self) -> None:
        """Begin to get every part. Returns at once."""
        for name in PARTS:
            self._begin(name)

    async def part(self, name: str) -> bytes:
        """Raises ServerError where the part could not be made; the next question tries again."""
        asked = self._begin(name)
        try:
            return await asyncio.shield(asked)
        except ServerError:
            self._asked.pop(name, None)
            raise

    async def close(self) -> None:
        """Stop what is still being made."""
        for child in list(self._children):
            child.kill()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def _begin(self, name: str) -> asyncio.Task[bytes]:
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(asyncio.to_thread(self._kept_or_made, self._folder / name))
        return self._asked[name]

    def _kept_or_made(self, path: Path) -> bytes:
        kept = _read(path)
        if kept is not None:
            return kept
        made = self._made_by_child(path.name)
        _keep(path, made)
        return made

    def _made_by_child(self, name: str) -> bytes:
        """By `subprocess`, not by the event loop: that one forks, and a fork upsets gRPC."""
        command = (sys.executable, "-P", "-m", __name__, name)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:  # noqa: S603 our own module
            self._children.add(child)
            made, complaint = child.communicate()
            self._children.discard(child)
        if child.returncode != 0:
            last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
            raise ServerError(f"the chart's {name} could not be made: {last_line or f'exit code {child.returncode}'}")
        return made


def cache_folder() -> Path:
    """Where parts are kept. Another version of anything that makes them has another folder."""
    makers = [version("vl-convert-python"), version("altair")]
    makers += [Path(module).read_text(encoding="utf-8") for module in (__file__, chart.__file__)]
    digest = hashlib.sha256("\0".join(makers).encode()).hexdigest()[:16]
    return user_cache_path("firsttoken") / f"chart-{digest}"


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _keep(path: Path, made: bytes) -> None:
    """All of it or nothing. A cache that cannot be written costs time at the next start and no more."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            unfinished = Path(folder) / path.name
            unfinished.write_bytes(made)
            unfinished.replace(path)
    except OSError as error:
        logger.debug("the chart's %s is not kept: %s", path.name, error)


def main(arguments: list[str]) -> int:
    """The child: write one part to standard output."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.stdout.buffer.write(PARTS[arguments[0]]().encode())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
