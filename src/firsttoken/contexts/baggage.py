"""The names that may travel from service to service, in W3C baggage: those that the application lists, none by itself.

Baggage goes wherever the application's HTTP instrumentation injects it, providers of models included.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from opentelemetry import baggage
from opentelemetry.context import Context

from firsttoken.call import CallContext
from firsttoken.contexts.saying import TAGS, Saying, saying
from firsttoken.contexts.values import word
from firsttoken.guard import guarded
from firsttoken.semconv.context import FIELDS
from firsttoken.settings import BAGGAGE, read_listed


class _Allowed:
    """The list of this process."""

    names: tuple[str, ...] | None = None


def allow(names: Iterable[str]) -> None:
    """From now on, in this process. What the environment says holds until then."""
    _Allowed.names = tuple(names)


def allowed() -> tuple[str, ...]:
    if _Allowed.names is None:
        allow(_listed_in_environment() or ())
    return _Allowed.names or ()


@guarded("read which names may be in baggage")
def _listed_in_environment() -> tuple[str, ...]:
    return read_listed(os.environ, BAGGAGE)


def taken_in(said: CallContext, current: Context) -> CallContext:
    """With what the baggage says under a listed name, where the application has said nothing of it. Never raises."""
    return _taken_in(said, current) or said


@guarded("read baggage")
def _taken_in(said: CallContext, current: Context) -> CallContext | None:
    carried = baggage.get_all(current)
    if not carried:
        return None
    found = saying({name: carried[name] for name in allowed() if _is_new(name, said) and name in carried})
    return found.over(said)


def _is_new(name: str, said: CallContext) -> bool:
    field = FIELDS.get(name)
    if field is None:
        return name not in said.more
    return field != TAGS and getattr(said, field) is None


@guarded("put ids into baggage")
def sent_on(context: Context, what: Saying) -> Context:
    """With what a block says under listed names."""
    for name in allowed():
        field = FIELDS.get(name)
        value = what.more.get(name) if field is None else what.ids.get(field)
        text = None if value is None else word(value)
        if text is not None:
            context = baggage.set_baggage(name, text, context) if text else baggage.remove_baggage(name, context)
    return context
