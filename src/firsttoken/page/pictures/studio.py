"""Where pictures are drawn: a child process for each, so that neither what takes long nor a text that cannot be drawn
holds up, or ends, what receives calls."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException

from firsttoken.errors import ServerError
from firsttoken.page.pictures.picture import Picture
from firsttoken.page.pictures.sheet import printable

AT_ONCE: Final = 2
MOST_WAITING: Final = 10
RETRY_AFTER_S: Final = 10
LONGEST_S: Final = 120
CHILD: Final = (sys.executable, "-P", "-m", "firsttoken.page.pictures.child")


class Studio:
    """Makes a few pictures at once; some others wait their turn, and no more."""

    def __init__(self, command: Sequence[str] = CHILD, longest_s: float = LONGEST_S) -> None:
        """`command` starts the process that draws."""
        self._command = command
        self._longest_s = longest_s
        self._places = asyncio.Semaphore(AT_ONCE)
        self._asked_for = 0
        self._children: set[subprocess.Popen[bytes]] = set()

    async def png(self, make: Callable[[], Picture]) -> bytes:
        """What the picture shows is put together when its turn comes, in a thread. Raises what that does, ServerError
        where the picture cannot be drawn, and HTTPException where too many wait."""
        if self._asked_for >= AT_ONCE + MOST_WAITING:
            message = f"{self._asked_for} pictures are being made already: ask again in {RETRY_AFTER_S} seconds"
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, message, {"retry-after": str(RETRY_AFTER_S)})
        self._asked_for += 1
        try:
            async with self._places:
                return await asyncio.to_thread(lambda: self._drawn(make()))
        finally:
            self._asked_for -= 1

    def close(self) -> None:
        """Stop what is still being drawn."""
        for child in list(self._children):
            child.kill()

    def _drawn(self, picture: Picture) -> bytes:
        """By `subprocess`, as the parts of charts are (`page.vega`)."""
        with subprocess.Popen(  # noqa: S603  our own module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as child:
            self._children.add(child)
            try:
                made, complaint = child.communicate(json.dumps(printable(asdict(picture))).encode(), self._longest_s)
            except subprocess.TimeoutExpired as error:
                child.kill()
                raise ServerError(
                    f"the picture was not drawn within {self._longest_s:g} seconds: choose fewer calls"
                ) from error
            finally:
                self._children.discard(child)
        if child.returncode != 0:
            last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
            raise ServerError(f"the picture could not be drawn: {last_line or f'exit code {child.returncode}'}")
        return made
