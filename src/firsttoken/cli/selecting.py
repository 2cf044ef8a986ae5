"""Options that say which calls a command is about."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from firsttoken.analyse.moment import since_unix_ns

if TYPE_CHECKING:
    from firsttoken.store import Selection

R = TypeVar("R")
SAID: Final = ("since_unix_ns", "until_unix_ns", "run_id", "models", "where", "at_least", "below", "search")


def read_moment(context: click.Context, parameter: click.Parameter, text: str | None) -> int | None:
    """The callback of an option that is a moment."""
    del context
    if text is None:
        return None
    try:
        return since_unix_ns(text, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param=parameter) from None


def _read_where(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """By the attribute's full name."""
    del context
    from firsttoken.semconv.context import attribute_named

    where: dict[str, str] = {}
    for condition in given:
        name, equals, value = condition.partition("=")
        attribute = attribute_named(name.strip())
        if not attribute or not equals:
            raise click.BadParameter(f"{condition!r} is not KEY=VALUE, for example run.id=r1.", param=parameter)
        if where.setdefault(attribute, value) != value:
            raise click.BadParameter(f"{name.strip()} cannot be two values at once: give it once.", param=parameter)
    return where


def _read_bounds(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    """By the name of the figure."""
    del context
    bounds: dict[str, float] = {}
    for condition in given:
        name, _, number = condition.partition("=")
        try:
            bounds[name.strip()] = float(number)
        except ValueError:
            problem = f"{condition!r} is not KEY=NUMBER, for example first_token=1.5."
            raise click.BadParameter(problem, param=parameter) from None
        if not math.isfinite(bounds[name.strip()]):
            raise click.BadParameter(f"{condition!r} is no bound: give a finite number.", param=parameter)
    return bounds


def _selection(at_least: dict[str, float], below: dict[str, float], **said: Any) -> Selection:
    from firsttoken.store import Between, Selection

    figures = dict.fromkeys([*at_least, *below])
    between = tuple(Between(name, at_least.get(name), below.get(name)) for name in figures)
    return Selection(between=between, **said)


def selection_options(command: Callable[..., R]) -> Callable[..., R]:
    """The command gets what was said as `selection`."""

    @click.option(
        "--since",
        "since_unix_ns",
        callback=read_moment,
        metavar="WHEN",
        help="Only calls that started since then: 90s, 30m, 1h, 2d, 1w ago, or a date or time such as "
        "2026-01-31T09:00.",
    )
    @click.option(
        "--until",
        "until_unix_ns",
        callback=read_moment,
        metavar="WHEN",
        help="Only calls that started before then, said likewise.",
    )
    @click.option("--run", "run_id", metavar="ID", help="Only the calls of one `firsttoken run`.")
    @click.option(
        "--model",
        "models",
        multiple=True,
        metavar="NAME",
        help="Only calls of this model; * stands for any letters. Repeatable: any of them.",
    )
    @click.option(
        "--where",
        multiple=True,
        callback=_read_where,
        metavar="KEY=VALUE",
        help="Only calls whose attribute KEY is VALUE, such as run.id=r1, user.id=u1 or feature=search. Repeatable: "
        "all must hold.",
    )
    @click.option(
        "--at-least",
        multiple=True,
        callback=_read_bounds,
        metavar="KEY=NUMBER",
        help="Only calls whose figure KEY is that or more, such as first_token=1.5 (seconds), output_tokens=1000 or "
        "cost=0.1. Repeatable.",
    )
    @click.option(
        "--below",
        multiple=True,
        callback=_read_bounds,
        metavar="KEY=NUMBER",
        help="Only calls whose figure KEY is less than that. Repeatable.",
    )
    @click.option(
        "--search", metavar="TEXT", help="Only calls that have this text in an attribute or in what was said."
    )
    @functools.wraps(command)
    def with_selection(**given: Any) -> R:
        said = {name: given.pop(name) for name in SAID}
        return command(selection=_selection(**said), **given)

    return with_selection
