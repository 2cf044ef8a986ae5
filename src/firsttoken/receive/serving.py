"""Listeners in one event loop on a thread of its own: started together, stopped once."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from firsttoken.errors import FirstTokenError, ServerError

if TYPE_CHECKING:
    from firsttoken.receive.listeners import Listener

Listeners = Callable[[ExitStack], "Sequence[Listener]"]
"""Makes them in the loop that they are to run in. What it hands to the stack is undone when they have stopped."""


class ServingThread:
    """Every method may be called from any thread."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners
        self._thread = threading.Thread(target=self._run, name="firsttoken-server", daemon=True)
        self._started: Future[Callable[[], object]] = Future()
        """What asks the listeners to stop, once they answer."""

    @property
    def was_started(self) -> bool:
        return self._thread.ident is not None

    def start(self) -> None:
        """Does not wait. Once."""
        self._thread.start()

    def wait(self) -> None:
        """Returns when all of them answer, and raises why they do not."""
        self._started.result()

    def stop(self) -> bool:
        """Whether they ran: what was begun is answered then. Idempotent."""
        if not self._thread.is_alive() or self._started.exception() is not None:
            return False
        request_stop = self._started.result()
        request_stop()
        self._thread.join()
        return True

    def _run(self) -> None:
        """The whole life of the thread. What goes wrong before it answers is raised by `wait`."""
        try:
            with asyncio.Runner(loop_factory=_new_event_loop) as runner:
                runner.run(self._serve())
        except FirstTokenError as error:
            self._started.set_exception(error)
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(ServerError(f"the server did not start: {error!r}"))

    async def _serve(self) -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        with ExitStack() as undo:
            listeners = self._listeners(undo)
            try:
                for listener in listeners:
                    await listener.start()
                self._started.set_result(partial(loop.call_soon_threadsafe, stopping.set))
                await stopping.wait()
            finally:
                await asyncio.gather(*(listener.stop() for listener in listeners))


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """A fast one where there is one."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
