"""The application's work marked for a span: as a `with` block, or as a function, whose every call then has one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar, cast, overload

from opentelemetry.trace import SpanKind
from opentelemetry.util.types import AttributeValue

from firsttoken.spans.running import Running, started
from firsttoken.spans.shape import Shape
from firsttoken.spans.wrapping import wrapped

F = TypeVar("F", bound=Callable[..., Any])


class Marked:
    """A context manager, for `with` and `async with`, and a decorator of functions of every kind.

    One may be used any number of times, and by several tasks or threads at once.
    """

    __slots__ = ("_entered", "_shape")

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._entered: list[Running] = []

    def __enter__(self) -> Running:
        running = started(self._shape) or Running()
        self._entered.append(running)
        return running.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._left().__exit__(kind, error, traceback)

    async def __aenter__(self) -> Running:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: F) -> F:
        """Raises TypeError for what is no function or method."""
        return cast("F", wrapped(self._shape, function))

    def _left(self) -> Running:
        """The block that is left: the innermost whose span is current here, for others may be in theirs."""
        entered = self._entered
        here = (index for index in range(len(entered) - 1, -1, -1) if entered[index].is_here)
        return entered.pop(next(here, -1))


@overload
def traced(function: F, /) -> F: ...
@overload
def traced(
    *,
    name: str | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Callable[[F], F]: ...
def traced(
    function: F | None = None,
    /,
    *,
    name: str | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> F | Callable[[F], F]:
    """A span around each call of a function, coroutine function, generator or asynchronous generator, or of a method.

    That of a generator lasts as long as its iteration, and is current only while its own code runs. No argument and no
    result is recorded. The function runs exactly once for each call, whatever becomes of its span.

    Args:
        name: the span's; the function's own qualified name where none is given.
        attributes: what each span has from its start.
        kind: the span's kind.

    Raises TypeError for what is no function or method, when it is decorated.
    """

    def mark(function: F) -> F:
        shape = Shape(name or _name(function), dict(attributes or {}), kind)
        return cast("F", wrapped(shape, function))

    return mark if function is None else mark(function)


def _name(function: Any) -> str:
    return getattr(function, "__qualname__", None) or type(function).__qualname__
