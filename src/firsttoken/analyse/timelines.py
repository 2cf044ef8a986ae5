"""The timeline of a call, out of its final provider trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from pydantic import JsonValue

from firsttoken.call.packed_timeline import PackedTimeline, unpacked
from firsttoken.call.timeline import Timeline
from firsttoken.providers.fields import get

MEMBER: Final = "timeline"


def taken_out(traces: Sequence[JsonValue]) -> tuple[tuple[JsonValue, ...], Timeline | None]:
    """The traces without the timeline that could be read, and that timeline: nobody wants to see it twice.

    What is damaged stays in its place, and is none.
    """
    for index, trace in enumerate(traces):
        if get(trace, "attempt", "final") is True and (timeline := _read(get(trace, MEMBER))) is not None:
            final = cast("Mapping[str, JsonValue]", trace)
            rest: JsonValue = {name: value for name, value in final.items() if name != MEMBER}
            return (*traces[:index], rest, *traces[index + 1 :]), timeline
    return tuple(traces), None


def _read(told: object) -> Timeline | None:
    count, unit, data, encoding = (get(told, name) for name in ("count", "unit_ns", "data", "encoding"))
    if type(count) is not int or type(unit) is not int or not isinstance(data, str) or not isinstance(encoding, str):
        return None
    return unpacked(PackedTimeline(count, unit, data, encoding))
