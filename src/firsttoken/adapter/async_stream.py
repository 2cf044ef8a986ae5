"""The stream of an asynchronous program, on asyncio or trio. What `stream` does too is in `answer` and `run`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, Final, Self

import anyio

from firsttoken.adapter.answer import Answer
from firsttoken.adapter.events import Event
from firsttoken.adapter.result import StreamResult
from firsttoken.guard import note_trouble

CLOSING_S: Final = 5.0
"""How long the closing of a provider's stream may take. It is not cancelled, and is mostly a matter of microseconds."""


class AsyncStream(Answer):
    """One answer, as events. The request goes out when the `async with` block is entered, or the first event is asked
    for.

    Each event is given out where its chunk is awaited: nothing is read ahead. Leaving the block closes the provider's
    stream, whatever was read of it. Without a block, read it to its end or await `aclose()`. `await stream` reads what
    is left, and gives what the stream came to.

    What goes wrong is raised once, as an LLMError; after the end, however it came, there are no more events. Whatever
    is no Exception, such as the cancelling of a task, closes the provider's stream and passes through untouched.
    """

    _chunks: Any = None
    """What is iterated, once the request was sent."""

    async def read(self) -> StreamResult:
        """Reads what is left, and returns what the stream came to. Raises as iterating does."""
        async for _ in self:
            pass
        return self.result

    def __await__(self) -> Generator[Any, None, StreamResult]:
        return self.read().__await__()

    async def aclose(self) -> None:
        """Closes the provider's stream at once, also while another task waits for it. Never raises but if cancelled."""
        await self._leave(None)

    close = aclose
    """By the name that the SDKs have for it."""

    async def __aenter__(self) -> Self:
        if self._next == self._first:
            self._take_turn()
            try:
                await self._open()
            except BaseException as error:
                raised = await self._over(error)
                if raised is error:
                    raise
                if not isinstance(raised, StopAsyncIteration):
                    raise raised from raised.__cause__
            finally:
                self._reading = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._leave(error)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        left = self._left
        if left:
            return left.popleft()
        self._take_turn()
        try:
            while not (events := self._run.take(await self._next())):
                pass
            if len(events) > 1:
                left.extend(events[1:])
            return events[0]
        except BaseException as error:
            raised = await self._over(error)
            if raised is error:
                raise
            raise raised from raised.__cause__
        finally:
            self._reading = False

    async def _first(self) -> Any:
        await self._open()
        return await self._next()

    async def _open(self) -> None:
        run = self._run
        stream = await (self._send() if run.silence is None else self._patiently(self._send))
        run.answered(stream)
        # Not by its `__aiter__` where it is an iterator itself: the SDKs' are generators that would have to be closed.
        self._chunks = stream if hasattr(stream, "__anext__") else aiter(stream)
        read = run.watched(self._chunks).__anext__
        if run.ended:  # Closed by another task meanwhile.
            await self._stop()
            return
        self._next = read if run.silence is None else lambda: self._patiently(read)

    async def _send(self) -> Any:
        plan = self._run.plan
        with self._run.sending():
            return await plan.wire.send(plan.client, plan.arguments)

    async def _patiently(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Breaks off what takes longer than the silence may last."""
        run = self._run
        if run.silence is None:
            return await work()
        run.silence.begins()
        with anyio.CancelScope(deadline=anyio.current_time() + run.silence.left_ns() / 1e9) as scope:
            run.time_is_up = lambda: scope.cancel_called
            return await work()
        raise run.too_silent()

    async def _over(self, error: BaseException) -> BaseException:
        """What the reader gets, where this has ended the stream."""
        exhausted = isinstance(error, StopAsyncIteration)
        if exhausted and self._next is _no_more:
            return error
        raised = self._run.exhausted() if exhausted else self._run.broke(error)
        if isinstance(error, GeneratorExit):  # The reader is dropped while it waits, and must not wait for more.
            self._next = _no_more
        else:
            await self._stop()
        return raised or (error if exhausted else StopAsyncIteration())

    async def _leave(self, error: BaseException | None) -> None:
        if self._next is not _no_more:
            self._run.left(error)
            await self._stop()

    async def _stop(self) -> None:
        self._next = _no_more
        self._left.clear()
        await _close(self._run.stream)
        if self._chunks is not self._run.stream:
            await _close(self._chunks)


async def _close(what: Any) -> None:
    close = getattr(what, "aclose", None) or getattr(what, "close", None)
    if close is None:
        return
    try:
        with anyio.move_on_after(CLOSING_S, shield=True):
            await close()
    except Exception:  # noqa: BLE001  whatever it is, the stream is over
        note_trouble("close a stream")


async def _no_more() -> Any:
    raise StopAsyncIteration
