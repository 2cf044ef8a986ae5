"""What came into a store: from whom, in whose words, what counts once although it came twice, and what is missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import integer, integer_or_none, json_value, text, texts
from firsttoken.analyse.options import Options
from firsttoken.analyse.unpriced import UnpricedCalls, unpriced_calls
from firsttoken.semconv import names
from firsttoken.semconv.dialects import Sent, dialect_of, is_our_scope
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES
from firsttoken.store import Reader, Row, Selection

MOST_EMITTERS: Final = 500
LOOKED_AT: Final = 500
"""Of so many of the newest calls, and as many other spans, the words are looked at."""
MOST_UNPRICED: Final = 20
OURS: Final = "firsttoken"
CONVENTIONS: Final = "conventions"
"""The words of the GenAI semantic conventions, of any age."""
TABLES: Final = ("calls", "spans", "logs")
SAYING_EVENTS: Final = (
    names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
    *(f"gen_ai.{role}.message" for role in ("system", "user", "assistant", "tool")),
    "gen_ai.choice",
)
"""Log events that carry what was said."""
COUNTING: Final = "token"
"""What the name of an attribute has in it that tells of a call to a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthOptions(Options):
    """Of a whole store, also of one without calls."""

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Emitter:
    """One instrumentation of one service."""

    service: str
    scope: str
    dialect: str | None
    """In whose words its newest calls are; `firsttoken`, `conventions`, or None where none was looked at."""
    calls: int
    """Those whose record is its own."""
    also_seen: int
    """Those that it recorded too, and somebody better."""
    spans: int
    """That are no calls. Other records of a call are among them."""
    first_unix_ns: int
    last_unix_ns: int
    """When the latest of them started."""
    looked_at: int
    """Of its newest calls, how many were looked at for what was said."""
    with_content: int
    """And how many of these have it."""
    unread_spans: int
    """Of its newest spans that are no calls, how many count tokens in words that nobody here reads."""


@dataclass(frozen=True, slots=True)
class DoubleCount:
    """Instrumentations that recorded the same calls. Each call is counted, and billed, once."""

    service: str
    scopes: tuple[str, ...]
    """That of the record which stands first."""
    calls: int
    last_unix_ns: int


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows of one table. The times are None where there is none."""

    name: str
    rows: int
    first_unix_ns: int | None
    last_unix_ns: int | None


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What is in a store, as far as it tells whether all is well."""

    store: str
    emitters: tuple[Emitter, ...]
    """The one with the latest first."""
    left_out: bool
    """Whether there are more of them than were looked at."""
    doubles: tuple[DoubleCount, ...]
    unpriced: tuple[UnpricedCalls, ...]
    """The most frequent reasons, with what to do."""
    kept: tuple[KeptRows, ...]
    size_bytes: int | None
    """What the store takes up; None where it does not say."""

    @property
    def rows(self) -> tuple[Emitter, ...]:
        return self.emitters


def health(reader: Reader, options: HealthOptions) -> StoreHealth:
    """Raises StoreError."""
    del options
    seen = reader.ask("emitters_seen", {"most": MOST_EMITTERS})
    others = reader.ask("span_emitters", {"most": MOST_EMITTERS})
    return StoreHealth(
        store=reader.store_name,
        emitters=tuple(_emitters(seen, others, _looked_at(reader), _unread(reader))),
        left_out=max(len(seen), len(others)) >= MOST_EMITTERS,
        doubles=tuple(_doubles(seen)),
        unpriced=unpriced_calls(reader.ask("cost_unpriced"))[:MOST_UNPRICED],
        kept=tuple(sorted(map(_kept, reader.ask("kept_rows")), key=lambda kept: TABLES.index(kept.name))),
        size_bytes=reader.size_bytes(),
    )


Who = tuple[str, str]
"""A service, and the scope of an instrumentation."""


@dataclass(slots=True)
class _Told:
    calls: int = 0
    also_seen: int = 0
    spans: int = 0
    first_unix_ns: int = 2**63 - 1
    last_unix_ns: int = 0

    def span_of(self, row: Row) -> None:
        self.first_unix_ns = min(self.first_unix_ns, integer(row, "first_unix_ns"))
        self.last_unix_ns = max(self.last_unix_ns, integer(row, "last_unix_ns"))


@dataclass(slots=True)
class _Words:
    """Of the newest calls of one emitter."""

    dialect: str | None = None
    looked_at: int = 0
    with_content: int = 0


def _emitters(
    seen: Sequence[Row], others: Sequence[Row], words: Mapping[Who, _Words], unread: Mapping[Who, int]
) -> Iterable[Emitter]:
    told: dict[Who, _Told] = {}
    for row in seen:
        for place, scope in enumerate(_seen_by(row)):
            one = told.setdefault((text(row, "service"), scope), _Told())
            one.calls += integer(row, "calls") if place == 0 else 0
            one.also_seen += integer(row, "calls") if place else 0
            one.span_of(row)
    for row in others:
        one = told.setdefault((text(row, "service"), text(row, "scope")), _Told())
        one.spans += integer(row, "spans")
        one.span_of(row)
    for who, one in sorted(told.items(), key=lambda item: (-item[1].last_unix_ns, item[0])):
        said = words.get(who, _Words())
        yield Emitter(
            service=who[0],
            scope=who[1],
            dialect=said.dialect or _by_scope(who[1]),
            calls=one.calls,
            also_seen=one.also_seen,
            spans=one.spans,
            first_unix_ns=one.first_unix_ns,
            last_unix_ns=one.last_unix_ns,
            looked_at=said.looked_at,
            with_content=said.with_content,
            unread_spans=unread.get(who, 0),
        )


def _doubles(seen: Sequence[Row]) -> Iterable[DoubleCount]:
    """The most frequent first, as the question has them."""
    for row in seen:
        if len(scopes := _seen_by(row)) > 1:
            yield DoubleCount(text(row, "service"), scopes, integer(row, "calls"), integer(row, "last_unix_ns"))


def _seen_by(row: Row) -> tuple[str, ...]:
    return tuple(texts(row, "seen_by")) if row["seen_by"] else ("",)


def _looked_at(reader: Reader) -> Mapping[Who, _Words]:
    in_logs = {
        (row["trace_id"], row["span_id"])
        for row in reader.ask("newest_said_in_logs", {"most": LOOKED_AT, "events": list(SAYING_EVENTS)})
    }
    found: dict[Who, _Words] = {}
    for row in reader.ask("newest_said", {"most": LOOKED_AT}):
        attributes = cast("dict[str, Any]", json_value(row, "attributes"))
        words = found.setdefault((text(row, "service"), text(row, "scope")), _Words())
        words.dialect = words.dialect or _dialect(attributes, text(row, "scope"))
        words.looked_at += 1
        words.with_content += any(name in attributes for name in CONTENT_ATTRIBUTES) or (
            (row["trace_id"], row["span_id"]) in in_logs
        )
    return found


def _dialect(attributes: Mapping[str, Any], scope: str) -> str:
    if is_our_scope(scope):
        return OURS
    dialect = dialect_of(Sent(attributes, scope))
    return CONVENTIONS if dialect is None else dialect.name


def _by_scope(scope: str) -> str | None:
    """Of whom no newest call was looked at."""
    said = _dialect({}, scope)
    return None if said == CONVENTIONS else said


def _unread(reader: Reader) -> Mapping[Who, int]:
    """Spans that tell of tokens, are no calls, and are in nobody's words."""
    found: Counter[Who] = Counter()
    for row in reader.ask("newest_span_attributes", {"most": LOOKED_AT}):
        attributes = cast("dict[str, object]", json.loads(text(row, "attributes")))
        is_known = names.GEN_AI_OPERATION_NAME in attributes or dialect_of(Sent(attributes, text(row, "scope")))
        if not is_known and any(COUNTING in name and _is_number(value) for name, value in attributes.items()):
            found[text(row, "service"), text(row, "scope")] += 1
    return found


def _is_number(value: object) -> bool:
    """ClickHouse keeps every value as a text."""
    return str(value).isdigit()


def _kept(row: Row) -> KeptRows:
    return KeptRows(
        text(row, "name"),
        integer(row, "kept"),
        integer_or_none(row, "first_unix_ns"),
        integer_or_none(row, "last_unix_ns"),
    )


HEALTH: Final = Answer("health", HealthOptions, StoreHealth, health)
