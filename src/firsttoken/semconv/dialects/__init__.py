"""What other instrumentations call things: any span of a call under the current names, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from firsttoken.semconv import names, renaming
from firsttoken.semconv.dialects.anthropic_sdk import ANTHROPIC_SDK
from firsttoken.semconv.dialects.contrib import CONTRIB
from firsttoken.semconv.dialects.dialect import Attributes, Dialect, Moment, Sent
from firsttoken.semconv.dialects.errors import error_attributes
from firsttoken.semconv.dialects.frameworks import LANGSMITH, LOGFIRE
from firsttoken.semconv.dialects.openinference import OPENINFERENCE
from firsttoken.semconv.dialects.openllmetry import OPENLLMETRY
from firsttoken.semconv.dialects.providers import provider
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES

__all__ = ["DIALECTS", "OUR_SCOPE", "Moment", "Sent", "currently_named", "dialect_of", "is_our_scope", "kept"]

OUR_SCOPE: Final = "firsttoken"
SYSTEM: Final = "gen_ai.system"
OLDEST_USAGE: Final = ("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens")
OLDEST_OPERATION: Final = "chat"
"""Of conventions that did not name the operation yet."""
SPAN_MARKS: Final = (names.GEN_AI_OPERATION_NAME, SYSTEM)

DIALECTS: Final = (ANTHROPIC_SDK, OPENINFERENCE, OPENLLMETRY, CONTRIB, LOGFIRE, LANGSMITH)
"""The first that speaks is the one."""


OLDER_NAMES: Final = frozenset(row.older for row in OLDER_ATTRIBUTES if row.older != row.current)
"""What ours carry where `FIRSTTOKEN_CONVENTIONS` asks for it. Some current names stand beside them in any case."""


def is_our_scope(scope: str) -> bool:
    """Whether firsttoken sent what is in a scope of that name: its own, or one below it."""
    return scope == OUR_SCOPE or scope.startswith(f"{OUR_SCOPE}.")


def currently_named(sent: Sent) -> Attributes:
    """The attributes under the current names: the same mapping where they are so already, or tell of no call.

    Never raises, whatever they are. Where a name of another dialect and the current one are both there, the current
    one stands.
    """
    attributes = sent.attributes
    if is_our_scope(sent.scope):
        return attributes if OLDER_NAMES.isdisjoint(attributes) else renaming.currently_named(attributes)
    dialect = dialect_of(sent)
    if dialect is None and not any(mark in attributes for mark in SPAN_MARKS):
        return attributes
    named = dict(renaming.currently_named(attributes))
    _fill(named, error_attributes(sent))
    if dialect is None:
        _fill(named, _oldest_operation(attributes))
    else:
        _translate(named, sent, dialect)
    if (sender := named.get(names.GEN_AI_PROVIDER_NAME)) is not None:
        named[names.GEN_AI_PROVIDER_NAME] = provider(sender)
    return _with_sums(named)


def dialect_of(sent: Sent) -> Dialect | None:
    """Whose words these are; None for the conventions' own, of any age."""
    return next((dialect for dialect in DIALECTS if dialect.speaks(sent)), None)


def kept(sent: Sent, named: Attributes) -> Attributes:
    """What is worth keeping of a span: all that it came with, and what that is called today. Words that its content has
    are not kept under their old names."""
    if named is sent.attributes:
        return named
    dialect = dialect_of(sent)
    told = {**named, **sent.attributes}
    if dialect is None or not dialect.content or not any(name in named for name in CONTENT_ATTRIBUTES):
        return told
    return {name: value for name, value in told.items() if not name.startswith(dialect.content)}


def _translate(named: dict[str, object], sent: Sent, dialect: Dialect) -> None:
    for row in dialect.rows:
        value = sent.attributes.get(row.theirs)
        if value is not None and named.get(row.current) is None:
            _fill(named, {row.current: row.to_current(value)})
    for name, value in dialect.more(sent).items():
        if value is None:
            named.pop(name, None)
        else:
            _fill(named, {name: value})
    first = next((moment for moment in sent.moments if moment.name == dialect.first_chunk), None)
    if first is not None:
        _fill(named, {names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: first.after_s})


def _fill(named: dict[str, object], more: Mapping[str, object]) -> None:
    for name, value in more.items():
        if value is not None and named.get(name) is None:
            named[name] = value


def _oldest_operation(attributes: Attributes) -> dict[str, object]:
    """Whoever counted prompt and completion tokens made a call."""
    return {names.GEN_AI_OPERATION_NAME: OLDEST_OPERATION} if any(name in attributes for name in OLDEST_USAGE) else {}


CACHE_PARTS: Final = (names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS)


def _with_sums(named: dict[str, object]) -> dict[str, object]:
    """Some count cached tokens beside the input instead of within it. Who has more cached tokens than input is one."""
    total = named.get(names.GEN_AI_USAGE_INPUT_TOKENS)
    parts = [named.get(name) for name in CACHE_PARTS]
    cached = sum(cast("int", part) for part in parts if _is_count(part))
    if _is_count(total) and cached > cast("int", total):
        named[names.GEN_AI_USAGE_INPUT_TOKENS] = cast("int", total) + cached
    return named


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
