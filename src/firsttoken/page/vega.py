"""The JavaScript and drawing rules of charts, made when a page first needs them and kept in the user's cache folder.

They are made in a child process, because making the bundle holds the interpreter for two seconds, in which nothing
could be received.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from firsttoken.errors import ServerError
from firsttoken.page import charts

logger = logging.getLogger(__name__)

SNIPPET: Final = "window.vegaEmbed = vegaEmbed;"
NICENESS: Final = 5


def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed with everything they need, as one script. Reads no network."""
    import vl_convert

    return vl_convert.javascript_bundle(SNIPPET)


BUNDLE: Final = "vega"


def every_rule() -> str:
    """The rules of all charts by their names, for whoever draws several: Altair is loaded once for all."""
    return json.dumps({name: json.loads(rules()) for name, rules in charts.CHARTS.items()})


EVERY_RULE: Final = "rules"
PARTS: Final[Mapping[str, Callable[[], str]]] = {BUNDLE: bundle, EVERY_RULE: every_rule, **charts.CHARTS}


class Vega:
    """Each part is made at most once at a time; whoever asks meanwhile waits for the same one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: dict[str, asyncio.Task[bytes]] = {}
        self._children: set[subprocess.Popen[bytes]] = set()

    def prepare(self, *names: str) -> None:
        """Begin to get these charts, and what draws them. Returns at once."""
        for name in (BUNDLE, *names):
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
    sources = [Path(__file__), *sorted(Path(charts.__file__).parent.glob("*.py"))]
    makers += [source.read_text(encoding="utf-8") for source in sources]
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
