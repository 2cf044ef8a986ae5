"""Health as a picture: what wants attention, and what arrives from where."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Final

from firsttoken.analyse.arriving import DoubleCount, Emitter, StoreHealth
from firsttoken.page import figures
from firsttoken.page.health_findings import Finding
from firsttoken.page.pictures.colours import GENERATING
from firsttoken.page.pictures.of_list import TRACK
from firsttoken.page.pictures.picture import Bar, Cell, Figure, Head, Notes, Part, Picture, Rows, Shape, Tone, Words

NAMES: Final = {"calls": "Calls", "spans": "Other spans", "logs": "Log records"}
TONES: Final[dict[str, Tone]] = {"problem": "bad", "warning": "warn", "note": "plain"}
NOTHING: Final = "Nothing: what came was kept, and everything in it was understood."


def health_picture(store: StoreHealth, findings: Sequence[Finding]) -> Picture:
    about = f"{store.store} · made {figures.minute(time.time_ns())} by firsttoken"
    return Picture("Health", about, tuple(_figures(store)), tuple(_parts(store, findings)))


def _figures(store: StoreHealth) -> Iterator[Figure]:
    for kept in store.kept:
        since = f"since {figures.day(kept.first_unix_ns)}" if kept.first_unix_ns else ""
        yield Figure(NAMES[kept.name], figures.count(kept.rows), since)
    yield Figure("Store", figures.UNKNOWN if store.size_bytes is None else figures.megabytes(store.size_bytes))
    latest = store.kept[0].last_unix_ns
    day = figures.day(latest) if latest else ""
    yield Figure("Latest call", figures.clock(latest)[:8] if latest else figures.UNKNOWN, day)


def _parts(store: StoreHealth, findings: Sequence[Finding]) -> Iterator[Part]:
    said = (Words(f"{each.title} · {each.what_to_do}", tone=TONES[each.level]) for each in findings)
    yield Notes("What wants attention", tuple(said) or (Words(NOTHING, tone="good"),))
    most = max((each.calls for each in store.emitters), default=0) or 1
    heads = (
        Head("Service", "words"),
        Head("Instrumentation", "words"),
        Head("In the words of", "words"),
        Head("Calls"),
        Head(kind="bar"),
        *map(Head, ("Also seen", "Other spans", "With what was said", "Latest")),
    )
    yield Rows("What arrives from where", heads, tuple(_emitter(each, most) for each in store.emitters))
    if store.doubles:
        yield _doubles(store.doubles)


def _emitter(each: Emitter, most: int) -> tuple[Cell, ...]:
    return (
        Words(each.service or "unnamed", tone="strong"),
        Words(each.scope or "unnamed"),
        Words(each.dialect or "other work", tone="plain" if each.dialect else "quiet"),
        Words(figures.count(each.calls)),
        Bar((TRACK, Shape(0.0, each.calls / most, GENERATING))),
        Words(figures.count(each.also_seen) if each.also_seen else ""),
        Words(figures.count(each.spans) if each.spans else ""),
        Words(f"{each.with_content:,} of {each.looked_at:,}" if each.looked_at else ""),
        Words(figures.minute(each.last_unix_ns), tone="quiet"),
    )


def _doubles(doubles: Sequence[DoubleCount]) -> Rows:
    heads = (
        Head("Service", "words"),
        Head("Record that stands for the call", "words"),
        Head("Other records", "words"),
        Head("Calls"),
    )
    rows = tuple(
        (
            Words(each.service or "unnamed", tone="strong"),
            Words(each.scopes[0]),
            Words(", ".join(each.scopes[1:])),
            Words(figures.count(each.calls)),
        )
        for each in doubles
    )
    return Rows("Recorded more than once, counted once", heads, rows)
