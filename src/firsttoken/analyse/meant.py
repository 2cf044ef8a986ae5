"""Whether a selection means a call that runs, of which less is known than of one that has ended."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import cast

from firsttoken.analyse.running_call import RunningCall
from firsttoken.semconv.context import short_name
from firsttoken.store import Selection
from firsttoken.store.call_names import ALIKE


def is_meant(call: RunningCall, attributes: Mapping[str, object], selection: Selection) -> bool:
    """Bounds of figures mean none of them: they are known of calls that have ended."""
    if selection.between:
        return False
    values = _values(call, attributes)
    model = call.model or ""
    return (
        (selection.since_unix_ns is None or call.started_unix_ns >= selection.since_unix_ns)
        and (selection.until_unix_ns is None or call.started_unix_ns < selection.until_unix_ns)
        and (selection.run_id is None or call.run_id == selection.run_id)
        and (not selection.models or any(_fits(model, pattern) for pattern in selection.models))
        and all(wanted in values.get(name, ()) for name, wanted in selection.where.items())
        and not any(values.get(name) for name in selection.without)
        and (selection.search is None or _has(values, selection.search.lower()))
    )


def _values(call: RunningCall, attributes: Mapping[str, object]) -> dict[str, list[str]]:
    """What the call says, by every name that a condition may have. A list says each of its texts."""
    told = {name: _texts(value) for name, value in attributes.items()}
    short = {short_name(name): values for name, values in told.items()}
    own_names = {
        "trace": call.trace_id,
        "span": call.span_id,
        "service": call.service,
        "service.name": call.service,
        "run": call.run_id,
        "provider": call.provider,
        "model": call.model,
        "operation": call.operation,
        "stream": "true" if call.stream else "false",
    }
    context = {name: told[known] for names in ALIKE for known in names if known in told for name in names}
    return {**short, **told, **context, **{name: [value] for name, value in own_names.items() if value is not None}}


def _fits(model: str, pattern: str) -> bool:
    """Where `*` stands for any letters, and every other letter for itself."""
    literal = pattern.replace("[", "[[]").replace("?", "[?]")
    return fnmatchcase(model, literal)


def _has(values: Mapping[str, list[str]], wanted: str) -> bool:
    return any(wanted in text.lower() for texts in values.values() for text in texts)


def _texts(value: object) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [text for each in values if (text := said(each)) is not None]


def said(value: object) -> str | None:
    """As a Collector writes it, which makes a text of everything."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
