"""The calls behind a mark of a chart, or behind a row of a table: as a selection that a list can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firsttoken.analyse.options import Group
from firsttoken.semconv.context import attribute_named
from firsttoken.store import Between, Selection


def of_group(selection: Selection, names: Sequence[str], group: Group) -> Selection:
    """Those of the selected calls that have these values of these attributes; None is what calls do not say."""
    for name, value in zip(names, group, strict=True):
        if value is None:
            selection = replace(selection, without=tuple(dict.fromkeys((*selection.without, attribute_named(name)))))
        elif name == "model" and not {",", "*"} & set(value):
            selection = replace(selection, models=(value,))
        else:
            selection = with_value(selection, name, value)
    return selection


def with_value(selection: Selection, name: str, value: str) -> Selection:
    return replace(selection, where={**selection.where, attribute_named(name): value})


def within(selection: Selection, since_unix_ns: int, until_unix_ns: int) -> Selection:
    """Those that started in this part of the selected time."""
    since, until = selection.since_unix_ns, selection.until_unix_ns
    return replace(
        selection,
        since_unix_ns=since_unix_ns if since is None else max(since, since_unix_ns),
        until_unix_ns=until_unix_ns if until is None else min(until, until_unix_ns),
    )


def at_least(selection: Selection, figure: str, lowest: float | None, below: float | None = None) -> Selection:
    """Those whose figure is in these bounds, and in those that are selected already."""
    others = tuple(each for each in selection.between if each.name != figure)
    for each in selection.between:
        if each.name == figure:
            lowest = max((bound for bound in (lowest, each.at_least) if bound is not None), default=None)
            below = min((bound for bound in (below, each.below) if bound is not None), default=None)
    return replace(selection, between=(*others, Between(figure, lowest, below)))
