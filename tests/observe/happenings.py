"""What a program does with an answer in the table of ends, up to the moment at which it ends."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio

from firsttoken.testing import Gate
from observe.program import DONE, Program
from observe.waiting import interrupt_when_it_waits, until_it_waits
from observe.watching import raised

SHORT_S = 0.05


class ConsumerError(Exception):
    """Raised by the program itself, between two chunks."""


@dataclass(slots=True)
class Attempt:
    """A program that is about to ask, and what it saw."""

    program: Program
    client: Any
    open: Callable[[], Awaitable[Any]]
    """Gives a stream as `Opened`, or a whole answer."""
    see: Callable[[object], None]
    gate: Gate

    async def take(self, iterator: Any, count: int) -> None:
        """Reads that many chunks, or fewer where there are no more."""
        for _ in range(count):
            if (chunk := await self.program.next(iterator)) is DONE:
                return
            self.see(chunk)

    async def drain(self, iterator: Any) -> None:
        while (chunk := await self.program.next(iterator)) is not DONE:
            self.see(chunk)

    async def begin(self, count: int) -> tuple[Any, Any]:
        """Opens a stream and reads that many chunks. Returns what was opened, and its iterator."""
        opened = await self.open()
        iterator = self.program.iterate(opened.stream)
        await self.take(iterator, count)
        return opened, iterator


# Of a whole answer.


async def answered(attempt: Attempt) -> None:
    attempt.see(await attempt.open())


async def answered_elsewhere(attempt: Attempt) -> None:
    await attempt.program.elsewhere(answered(attempt))


# Read to the end.


async def drained(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(attempt.program.iterate(opened.stream))


async def drained_by_next(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(opened.stream)


async def drained_in_with(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.drain(attempt.program.iterate(opened.stream))
    await attempt.program.leave(opened.manager)


async def read_by_two(attempt: Attempt) -> None:
    opened = await attempt.open()
    one, other = attempt.program.iterate(opened.stream), attempt.program.iterate(opened.stream)
    await attempt.take(one, 1)
    await attempt.take(other, 1)
    await attempt.drain(one)
    await attempt.drain(other)


async def read_by_two_threads_at_once(attempt: Attempt) -> None:
    opened, iterator = await attempt.begin(1)
    first = threading.Thread(target=attempt.program.run, args=(attempt.drain(iterator),))
    first.start()
    attempt.gate.wait_until_reached()
    until_it_waits(first)
    await _disturb(attempt, opened)
    first.join()


async def read_by_two_tasks_at_once(attempt: Attempt) -> None:
    opened, iterator = await attempt.begin(1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(attempt.drain, iterator)
        await attempt.program.in_thread(attempt.gate.wait_until_reached)
        await _disturb(attempt, opened)


async def _disturb(attempt: Attempt, opened: Any) -> None:
    """Asks for a chunk while another reader waits for it, and lets the stream go on."""
    try:
        await attempt.take(attempt.program.iterate(opened.stream), 1)
    except (RuntimeError, ValueError) as error:
        attempt.see(repr(raised(error)))
    attempt.gate.open()


async def read_elsewhere(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.program.elsewhere(attempt.drain(attempt.program.iterate(opened.stream)))


async def read_on_another_loop(attempt: Attempt) -> None:
    """As far as the bytes are there already: a socket belongs to the loop that made it."""
    opened, iterator = await attempt.begin(1)
    await attempt.program.in_thread(lambda: asyncio.run(attempt.take(iterator, 2)))
    await attempt.program.close(opened.closes)


async def answered_on_another_loop(attempt: Attempt) -> None:
    """The client is closed there too: its sockets belong to that loop."""

    async def there() -> None:
        await answered(attempt)
        await attempt.program.close(attempt.client)

    await attempt.program.in_thread(lambda: asyncio.run(there()))


# Left by the program.


async def broken_off(attempt: Attempt) -> None:
    await attempt.begin(2)


async def returned_from(attempt: Attempt) -> None:
    async def first() -> object:
        opened = await attempt.open()
        iterator = attempt.program.iterate(opened.stream)
        while (chunk := await attempt.program.next(iterator)) is not DONE:
            return chunk
        return None

    attempt.see(await first())


async def consumer_raised(attempt: Attempt) -> None:
    await attempt.begin(2)
    raise ConsumerError("the program's own")


async def consumer_interrupted(attempt: Attempt) -> None:
    await attempt.begin(2)
    raise KeyboardInterrupt


async def consumer_raised_in_with(attempt: Attempt) -> None:
    opened, _ = await attempt.begin(2)
    error = ConsumerError("the program's own")
    await attempt.program.leave(opened.manager, error)
    raise error


async def thrown_into(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(2)
    throw = iterator.throw if hasattr(iterator, "throw") else iterator.athrow
    await attempt.program.get(throw(ConsumerError("the program's own")))


async def closed(attempt: Attempt) -> None:
    opened, _ = await attempt.begin(2)
    await attempt.program.close(opened.closes)


async def closed_then_read_on(attempt: Attempt) -> None:
    opened, iterator = await attempt.begin(1)
    await attempt.program.close(opened.closes)
    await attempt.program.close(opened.closes)
    await attempt.drain(iterator)


async def left_with(attempt: Attempt) -> None:
    opened, _ = await attempt.begin(2)
    await attempt.program.leave(opened.manager)


async def closed_before_the_first_chunk(attempt: Attempt) -> None:
    opened = await attempt.open()
    await attempt.program.close(opened.closes)


async def never_iterated(attempt: Attempt) -> None:
    await attempt.open()


async def dropped_and_collected(attempt: Attempt) -> None:
    opened, iterator = await attempt.begin(1)
    del opened, iterator
    gc.collect()


async def collected_in_another_thread(attempt: Attempt) -> None:
    held = [await attempt.begin(1)]

    def let_go() -> None:
        held.clear()
        gc.collect()

    thread = threading.Thread(target=let_go)
    thread.start()
    thread.join()


async def left_after_all(attempt: Attempt) -> None:
    """The program has seen the last event, and does not wait for the end of the stream."""
    opened = await attempt.open()
    iterator = attempt.program.iterate(opened.stream)
    while (chunk := await attempt.program.next(iterator)) is not DONE:
        attempt.see(chunk)
        if getattr(chunk, "type", None) == "response.failed":
            break
    await attempt.program.leave(opened.manager)


# Interrupted and cancelled.


async def interrupted_before_the_answer(attempt: Attempt) -> None:
    interrupt_when_it_waits(attempt.gate)
    await attempt.open()


async def interrupted_while_waiting(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(1)
    interrupt_when_it_waits(attempt.gate)
    await attempt.drain(iterator)


async def cancelled_before_the_answer(attempt: Attempt) -> None:
    task = asyncio.ensure_future(attempt.open())
    await attempt.program.in_thread(attempt.gate.wait_until_reached)
    task.cancel()
    await task


async def cancelled_while_waiting(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(1)
    task = asyncio.create_task(attempt.drain(iterator))
    await attempt.program.in_thread(attempt.gate.wait_until_reached)
    task.cancel()
    await task


async def cancelled_between_chunks(attempt: Attempt) -> None:
    holding = asyncio.Event()

    async def read() -> None:
        _held = await attempt.begin(1)
        holding.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(read())
    await holding.wait()
    task.cancel()
    await task


async def waited_for_too_long(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(1)
    await asyncio.wait_for(attempt.drain(iterator), SHORT_S)


async def waited_for_an_answer_too_long(attempt: Attempt) -> None:
    opening = asyncio.ensure_future(attempt.open())
    await attempt.program.in_thread(attempt.gate.wait_until_reached)
    await asyncio.wait_for(opening, SHORT_S)


async def scope_cancelled_before_the_answer(attempt: Attempt) -> None:
    await _in_a_scope_that_is_cancelled(attempt, attempt.open)


async def scope_cancelled_while_waiting(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(1)
    await _in_a_scope_that_is_cancelled(attempt, lambda: attempt.drain(iterator))


async def _in_a_scope_that_is_cancelled(attempt: Attempt, work: Callable[[], Awaitable[Any]]) -> None:
    async def cancel() -> None:
        await attempt.program.in_thread(attempt.gate.wait_until_reached)
        scope.cancel()

    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cancel)
            await work()
    attempt.see("cancelled" if scope.cancelled_caught else "not cancelled")


async def scope_cancelled_between_chunks(attempt: Attempt) -> None:
    with anyio.CancelScope() as scope:
        _held = await attempt.begin(1)
        scope.cancel()
        await anyio.sleep_forever()


async def scope_timed_out(attempt: Attempt) -> None:
    _, iterator = await attempt.begin(1)
    with anyio.fail_after(SHORT_S):
        await attempt.drain(iterator)


async def scope_of_an_answer_timed_out(attempt: Attempt) -> None:
    async def expire() -> None:
        await attempt.program.in_thread(attempt.gate.wait_until_reached)
        scope.deadline = anyio.current_time()

    with anyio.fail_after(None) as scope:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(expire)
            await attempt.open()


# Refused.


async def asked_only(attempt: Attempt) -> None:
    with contextlib.suppress(StopAsyncIteration):
        await attempt.open()
