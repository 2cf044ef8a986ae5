"""`firsttoken.context`: a `with` block whose calls carry what is said of them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Token
from typing import Any, Final, TypeVar, cast

from opentelemetry import context as otel
from opentelemetry.context import Context

from firsttoken.contexts import baggage
from firsttoken.contexts.captured import KEY, said_in
from firsttoken.contexts.saying import Saying, saying
from firsttoken.guard import guarded, log

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)

NOTHING: Final = Saying({})


class context:
    """Says of every call that starts inside on whose behalf it is made. Never raises.

    A context manager, for `with` and `async with`, and a decorator of functions and coroutine functions. It holds for
    the tasks that are started inside, and for threads by way of `asyncio.to_thread`, `firsttoken.carry` or
    `firsttoken.ContextExecutor`. A stream belongs to where it was asked for, whoever reads it.

    Inside another, what is said once more overrides, tags add up, None says nothing, and empty text takes back.

    Args:
        user_id: and the other ids: text, a whole number or a UUID; 256 characters at most.
        call_type: what the calls are for, for example `summarization`.
        retry_group: the same for calls made in place of one another.
        tags: up to 32.
        more: up to 32 other texts, numbers, booleans and lists of texts. Each becomes an attribute of its name.
    """

    __slots__ = ("_saying", "_tokens")

    def __init__(  # noqa: PLR0913  one parameter for each id
        self,
        /,
        *,
        user_id: object = None,
        session_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        step_id: object = None,
        org_id: object = None,
        project_id: object = None,
        call_type: object = None,
        retry_group: object = None,
        tags: object = None,
        **more: object,
    ) -> None:
        given = {
            "user_id": user_id,
            "session_id": session_id,
            "agent_id": agent_id,
            "run_id": run_id,
            "step_id": step_id,
            "org_id": org_id,
            "project_id": project_id,
            "call_type": call_type,
            "retry_group": retry_group,
            "tags": tags,
            **more,
        }
        self._saying = _taken(given) or NOTHING
        self._tokens: list[Token[Context]] = []

    def __enter__(self) -> None:
        _enter(self._saying, self._tokens)

    def __exit__(self, *raised: object) -> None:
        _leave(self._tokens)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(self, *raised: object) -> None:
        self.__exit__()

    def __call__(self, function: F) -> F:
        """The function, each of its calls in a block of its own."""
        kind = next((wrap for is_kind, wrap in WRAPPERS if is_kind(function)), _plain)
        return cast("F", kind(self._saying, function))


def _plain(what: Saying, function: Function) -> Function:
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with _during(what):
            return function(*args, **kwargs)

    return inside


def _coroutine(what: Saying, function: Function) -> Function:
    @functools.wraps(function)
    async def inside(*args: Any, **kwargs: Any) -> Any:
        with _during(what):
            return await function(*args, **kwargs)

    return inside


def _generator(what: Saying, function: Function) -> Function:
    """As it is: what it says would be said of its consumer as well, between two of its values."""
    del what
    log.warning("firsttoken.context does not wrap a generator such as %r: say it of the calls inside", function)
    return function


WRAPPERS: Final[Sequence[tuple[Callable[[object], bool], Callable[[Saying, Function], Function]]]] = (
    (inspect.isgeneratorfunction, _generator),
    (inspect.isasyncgenfunction, _generator),
    (inspect.iscoroutinefunction, _coroutine),
)


@contextmanager
def _during(what: Saying) -> Generator[None]:
    tokens: list[Token[Context]] = []
    _enter(what, tokens)
    try:
        yield
    finally:
        _leave(tokens)


@guarded("take what a context says")
def _taken(given: dict[str, object]) -> Saying:
    return saying(given)


@guarded("enter a context")
def _enter(what: Saying, tokens: list[Token[Context]]) -> None:
    tokens.append(otel.attach(inside(what, otel.get_current())))


def inside(what: Saying, around: Context) -> Context:
    """The context of what is inside a block that says this."""
    inner = otel.set_value(KEY, what.over(said_in(around)), around)
    return (baggage.sent_on(inner, what) or inner) if baggage.allowed() else inner


@guarded("leave a context")
def _leave(tokens: list[Token[Context]]) -> None:
    """Back to what was current here before the last time that the block was entered here.

    Not by `otel.detach`, which would log an error for a token of another task: one block may serve several, and a
    generator may be closed elsewhere.
    """
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        with suppress(ValueError):
            token.var.reset(token)
            del tokens[index]
            return
