"""Another vendor's instrumentor beside ours: each sees every call once, in whatever order they come and go."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import openai
import pytest
import wrapt
from opentelemetry.sdk.trace import TracerProvider
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, ProviderServer
from observe.asking import opened, streamed, using, whole
from observe.program import Program

METHODS = {
    "openai": ("openai.resources.chat.completions", ("Completions.create", "AsyncCompletions.create")),
    "anthropic": ("anthropic.resources.messages", ("Messages.create", "AsyncMessages.create")),
}


class ProxiedStream(wrapt.ObjectProxy):
    """What vendors hand out in the place of a stream: it has a class of its own and counts what passes."""

    def __init__(self, stream: Any, end: Callable[[], None]) -> None:
        super().__init__(stream)
        self._self_end = end

    def __iter__(self) -> Iterator[Any]:
        yield from self.__wrapped__
        self._self_end()

    async def __aiter__(self) -> Any:
        async for chunk in self.__wrapped__:
            yield chunk
        self._self_end()

    def close(self) -> Any:
        self._self_end()
        return self.__wrapped__.close()

    aclose = close


class Vendor:
    """Wraps the methods that users call, as instrumentors do that come from elsewhere."""

    def __init__(self, provider: TracerProvider, sdk: str) -> None:
        self._tracer = provider.get_tracer("vendor")
        self._module, self._names = METHODS[sdk]
        self._wrapped: list[tuple[Any, str, Any]] = []

    def instrument(self) -> None:
        for path in self._names:
            owner, name, original = wrapt.resolve_path(self._module, path)
            self._wrapped.append((owner, name, original))
            wrapt.wrap_function_wrapper(self._module, path, self._call)

    def uninstrument(self) -> None:
        for owner, name, original in self._wrapped:
            setattr(owner, name, original)
        self._wrapped.clear()

    def _call(self, wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        with self._tracer.start_as_current_span("vendor", end_on_exit=False) as span:
            result = wrapped(*args, **kwargs)
        if inspect.isawaitable(result):
            return self._awaited(result, span)
        return self._ended(result, span)

    async def _awaited(self, result: Any, span: Any) -> Any:
        return self._ended(await result, span)

    def _ended(self, result: Any, span: Any) -> Any:
        if isinstance(result, openai.Stream | openai.AsyncStream | anthropic.Stream | anthropic.AsyncStream):
            return ProxiedStream(result, span.end)
        span.end()
        return result


ORDERS = {
    "ours first": ("ours", "theirs"),
    "theirs first": ("theirs", "ours"),
    "ours first, theirs gone": ("ours", "theirs", "theirs gone"),
    "theirs first, theirs gone": ("theirs", "ours", "theirs gone"),
    "ours first, gone and back": ("ours", "theirs", "ours gone", "ours"),
    "theirs first, gone and back": ("theirs", "ours", "theirs gone", "theirs"),
    "ours first and gone": ("ours", "theirs", "ours gone"),
    "theirs first, ours gone": ("theirs", "ours", "ours gone"),
}


@pytest.fixture
def vendor(sdk: str) -> Iterator[tuple[Vendor, CapturedTelemetry]]:
    with CapturedTelemetry() as theirs:
        vendor = Vendor(theirs.tracer_provider, sdk)
        yield vendor, theirs
        vendor.uninstrument()


@pytest.mark.parametrize("order", ORDERS)
def test_each_sees_every_call_once_in_whatever_order_they_come_and_go(
    order: str,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    vendor: tuple[Vendor, CapturedTelemetry],
) -> None:
    other, theirs = vendor
    troubles.clear()
    steps: dict[str, Callable[[], None]] = {
        "ours": lambda: firsttoken.instrument(
            Settings(),
            tracer_provider=telemetry.tracer_provider,
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
        ),
        "ours gone": firsttoken.uninstrument,
        "theirs": other.instrument,
        "theirs gone": other.uninstrument,
    }

    async def ask(client: Any) -> None:
        await whole(program, client)
        await streamed(program, client)
        await program.close(await opened(program, client))

    try:
        for step in ORDERS[order]:
            steps[step]()
        using(program, sdk, server, ask)
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    outcomes = sorted(span["attributes"]["firsttoken.outcome"] for span in telemetry.spans)
    last = {step.removesuffix(" gone"): step for step in ORDERS[order]}
    assert outcomes == ([] if last["ours"] == "ours gone" else ["closed", "completed", "completed"])
    assert len(theirs.spans) == (0 if last["theirs"] == "theirs gone" else 3)
    assert not troubles
