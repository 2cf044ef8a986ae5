"""The stream of a synchronous program. What `async_stream` does too is in `answer` and `run`."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from firsttoken.adapter.answer import Answer
from firsttoken.adapter.events import Event
from firsttoken.adapter.result import StreamResult
from firsttoken.adapter.watchdog import WATCHDOG, interrupt
from firsttoken.guard import guarded


class Stream(Answer):
    """One answer, as events. The request goes out when the `with` block is entered, or the first event is asked for.

    Each event is given out as soon as its chunk has come: nothing is read ahead. Leaving the block closes the
    provider's stream, whatever was read of it. Without a block, read it to its end or call `close()`.

    What goes wrong is raised once, as an LLMError; after the end, however it came, there are no more events. Whatever
    is no Exception, such as KeyboardInterrupt, passes through untouched.
    """

    def read(self) -> StreamResult:
        """Reads what is left, and returns what the stream came to. Raises as iterating does."""
        for _ in self:
            pass
        return self.result

    def close(self) -> None:
        """Closes the provider's stream at once, also while another thread waits for it. Never raises."""
        self._leave(None)

    def __enter__(self) -> Self:
        if self._next == self._first:
            self._take_turn()
            try:
                self._open()
            except BaseException as error:
                raised = self._over(error)
                if raised is error:
                    raise
                if not isinstance(raised, StopIteration):
                    raise raised from raised.__cause__
            finally:
                self._reading = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave(error)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        left = self._left
        if left:
            return left.popleft()
        self._take_turn()
        try:
            while not (events := self._run.take(self._next())):
                pass
            if len(events) > 1:
                left.extend(events[1:])
            return events[0]
        except BaseException as error:
            raised = self._over(error)
            if raised is error:
                raise
            raise raised from raised.__cause__
        finally:
            self._reading = False

    def _first(self) -> Any:
        self._open()
        return self._next()

    def _open(self) -> None:
        run, plan = self._run, self._run.plan
        with run.sending():
            stream = plan.wire.send(plan.client, plan.arguments)
        run.answered(stream)
        # Not by its `__iter__` where it is an iterator itself: the SDKs' are generators around that.
        read = run.watched(stream if hasattr(stream, "__next__") else iter(stream)).__next__
        if run.ended:  # Closed by another thread meanwhile.
            self._stop()
            return
        self._next = read
        if run.silence is not None:
            self._next = lambda: self._patiently(read)
            WATCHDOG.watch(run)

    def _patiently(self, read: Callable[[], Any]) -> Any:
        """The watchdog breaks off the wait where it can."""
        run = self._run
        if run.silence is not None:
            run.silence.begins()
        chunk = read()
        if run.ended:
            raise StopIteration
        return chunk

    def _over(self, error: BaseException) -> BaseException:
        """What the reader gets, where this has ended the stream."""
        exhausted = isinstance(error, StopIteration)
        if exhausted and self._next is _no_more:
            return error
        raised = self._run.exhausted() if exhausted else self._run.broke(error)
        self._stop()
        return raised or (error if exhausted else StopIteration())

    def _leave(self, error: BaseException | None) -> None:
        if self._next is _no_more:
            return
        self._run.left(error)
        if self._reading and self._run.stream is not None:
            self._interrupt()
        self._stop()

    def _stop(self) -> None:
        self._next = _no_more
        self._left.clear()
        self._close_stream()

    @guarded("wake the reader of a stream")
    def _interrupt(self) -> None:
        interrupt(self._run.stream)

    @guarded("close a stream")
    def _close_stream(self) -> None:
        if hasattr(self._run.stream, "close"):
            self._run.stream.close()


def _no_more() -> Any:
    raise StopIteration
