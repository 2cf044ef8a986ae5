"""What a span of any instrumentation says, as texts by current names: the SQL of `semconv.dialects`.

The names are read from its tables: what is added there is read here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from firsttoken.call import Category
from firsttoken.clickhouse.dialect_more import MORE, NOT_SAID, READ_ONCE
from firsttoken.clickhouse.texts import SPAN, first_of, is_named, listed, meaning, named, quoted
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import DIALECTS, OLDEST_OPERATION, OLDEST_USAGE, OUR_SCOPE
from firsttoken.semconv.dialects.dialect import ByWord, Dialect, Row
from firsttoken.semconv.dialects.dialect import listed as as_list
from firsttoken.semconv.dialects.errors import BY_STATUS, BY_WORD, EXCEPTION_EVENT, OUTCOMES, STATUS
from firsttoken.semconv.dialects.providers import PROVIDERS, SPELT_OTHERWISE
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.semconv.older import PROVIDERS as SYSTEMS

NOBODYS: Final = "''"
"""The dialect of what follows the conventions, of any age."""


def senders() -> dict[str, str]:
    """Who tells of a call, and what is read once for several of its attributes."""
    spoken = [f"{_speaks(dialect)}, {quoted(dialect.name)}" for dialect in DIALECTS]
    raised = f"arrayFirst((sent, event) -> event = {quoted(EXCEPTION_EVENT)}, `Events.Attributes`, `Events.Name`)"
    return {
        "ours_": f"startsWith(ScopeName, {quoted(OUR_SCOPE)})",
        "dialect_": f"multiIf(ours_, {NOBODYS}, {', '.join(spoken)}, {NOBODYS})",
        "raised_": raised,
        "error_": f"if(ours_, NULL, {_error_type()})",
        "error_status_": _error_status(),
        "error_category_": _error_category(),
        **READ_ONCE,
        "provider_": first_of(all_told(names.GEN_AI_PROVIDER_NAME)),
    }


def told(attribute: str) -> str:
    """What is said under this name, or in the sender's own words; NULL where it is not said."""
    if attribute == names.GEN_AI_PROVIDER_NAME:
        return _provider()
    said = first_of(all_told(attribute))
    return f"if({NOT_SAID[attribute]}, NULL, {said})" if attribute in NOT_SAID else said


def all_told(attribute: str) -> list[str]:
    """The same in each way that it may be said in, the first to be asked first."""
    return [
        named(attribute),
        *_older(attribute),
        *FROM_ERRORS.get(attribute, ()),
        *_oldest(attribute),
        *_from_dialects(attribute),
    ]


def _speaks(dialect: Dialect) -> str:
    by_scope = [f"startsWith(ScopeName, {quoted(scope)})" for scope in dialect.scopes]
    return " OR ".join([*by_scope, *([is_named(*dialect.marks)] if dialect.marks else [])])


def _older(attribute: str) -> Iterator[str]:
    for row in OLDER_ATTRIBUTES:
        if row.current == attribute != row.older:
            value = named(row.older)
            yield meaning(value, SYSTEMS, f"ifNull({value}, '')") if attribute == names.GEN_AI_PROVIDER_NAME else value


def _oldest(attribute: str) -> list[str]:
    if attribute != names.GEN_AI_OPERATION_NAME:
        return []
    return [f"if(NOT ours_ AND dialect_ = {NOBODYS} AND {is_named(*OLDEST_USAGE)}, {quoted(OLDEST_OPERATION)}, NULL)"]


def _from_dialects(attribute: str) -> Iterator[str]:
    for dialect in DIALECTS:
        ways = [_value(row) for row in dialect.rows if row.current == attribute]
        ways += [text for text in (MORE[dialect.name].get(attribute),) if text is not None]
        if dialect.first_chunk is not None and attribute == names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK:
            ways.append(_time_of(dialect.first_chunk))
        if ways:
            yield f"if(dialect_ = {quoted(dialect.name)}, {first_of(ways)}, NULL)"


def _value(row: Row) -> str:
    text = named(row.theirs)
    if isinstance(row.to_current, ByWord):
        return meaning(text, row.to_current.table)
    if row.to_current is as_list:
        return f"if({is_named(row.theirs)}, toJSONString([{SPAN}[{quoted(row.theirs)}]]), NULL)"
    return text


def _time_of(event: str) -> str:
    """How long after the start of the span, in seconds."""
    place = f"indexOf(`Events.Name`, {quoted(event)})"
    after_ns = f"toUnixTimestamp64Nano(`Events.Timestamp`[{place}]) - toUnixTimestamp64Nano(Timestamp)"
    return f"if({place} = 0, NULL, toString(({after_ns}) / 1e9))"


def _provider() -> str:
    """By the name of the conventions; a name that is not known stays as it is."""
    table = {**PROVIDERS, **{name: name for name in sorted(SPELT_OTHERWISE)}}
    by_name = meaning("lower(trimBoth(provider_))", table, "ifNull(provider_, '')")
    return f"if(ours_, provider_, {by_name})"


def _error_type() -> str:
    return first_of([f"nullIf({named(names.ERROR_TYPE)}, '')", named(names.EXCEPTION_TYPE, "raised_")])


def _error_status() -> str:
    message = first_of([named(names.EXCEPTION_MESSAGE, "raised_"), "StatusMessage"])
    in_words = f"nullIf(extract({message}, {quoted(STATUS.pattern)}), '')"
    return f"if(isNull(error_), NULL, {first_of([named(names.HTTP_RESPONSE_STATUS_CODE), in_words])})"


def _error_category() -> str:
    word = "splitByChar('.', ifNull(error_, ''))[-1]"
    known = first_of(
        [
            meaning(word, BY_WORD),
            meaning("error_status_", {str(status): category for status, category in BY_STATUS.items()}),
            quoted(Category.UNKNOWN),
        ]
    )
    return f"if(isNull(error_), NULL, {known})"


FROM_ERRORS: Final[Mapping[str, tuple[str, ...]]] = {
    names.ERROR_TYPE: ("error_",),
    names.HTTP_RESPONSE_STATUS_CODE: ("error_status_",),
    own.ERROR_CATEGORY: ("error_category_",),
    own.OUTCOME: (meaning("error_category_", {str(category): outcome for category, outcome in OUTCOMES.items()}),),
}


def content_prefixes() -> str:
    """What the names of attributes begin with whose words are said in the call."""
    spoken = [
        f"dialect_ = {quoted(dialect.name)}, [{listed(dialect.content)}]" for dialect in DIALECTS if dialect.content
    ]
    return f"multiIf({', '.join(spoken)}, CAST([], 'Array(String)'))"
