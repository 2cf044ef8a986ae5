"""What the caller or an SDK holds, as plain JSON values. Nothing that can be read only once is read at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from pydantic import BaseModel  # The SDKs import it; we do not have to.

DEEPEST: Final = 64
"""Levels of nesting beyond which a value is left alone."""

LEFT_OUT: Final = frozenset({"Omit", "NotGiven"})
"""Classes by which the SDKs say that nothing was given and nothing is sent, known by name so that none is imported."""

INT64: Final = range(-(2**63), 2**63)
"""The integers that OTLP can carry."""

CONTAINERS: Final = (dict, list, tuple)


class Unread:
    """Stands for a value that was left alone: an iterator, a file, an object of the caller's."""

    __slots__ = ("kind",)

    def __init__(self, value: object) -> None:
        self.kind = type(value).__name__


def members_of(value: Any) -> dict[str, Any]:
    """Those of a decoded object or of an SDK's model, extra ones included; empty for what is neither."""
    if type(value) is dict:
        return cast("dict[str, Any]", value)
    try:
        extra = value.__pydantic_extra__
    except AttributeError:
        return {}
    return value.__dict__ | extra if extra else value.__dict__


class TooDeepError(Exception):
    """A value that may have no end: one that holds itself twice doubles with each level."""


def snapshot(value: Any, depth: int = 0) -> Any:
    """The value with dicts and lists of its own, so that what the caller does to theirs later is not seen.

    Everything else is the caller's own object: this runs on the caller's path. Raises TooDeepError.
    """
    if depth > DEEPEST:
        raise TooDeepError
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value).items()
        return {key: snapshot(item, depth + 1) if isinstance(item, CONTAINERS) else item for key, item in items}
    if isinstance(value, list | tuple):
        elements = cast("list[Any]", value)
        return [snapshot(item, depth + 1) if isinstance(item, CONTAINERS) else item for item in elements]
    return value


def plain(value: Any) -> Any:
    """The value as dicts, lists, texts, numbers, booleans and None, with an Unread for everything else, and for what
    stands within itself.

    Members that the caller left out are not in it, and a model of pydantic gives the fields that were set. No code of
    the caller's runs: neither iterators nor serializers.
    """
    return _plain(value, set())


def _plain(value: Any, within: set[int]) -> Any:
    """`within` has the identities of what the value stands in: without them, what holds itself twice would double with
    each level."""
    if value is None or isinstance(value, str | bool | int | float):
        return (
            str.__str__(value) if isinstance(value, str) else value
        )  # The text of a class derived from it, and no more.
    here = id(value)
    if here in within or len(within) > DEEPEST:
        return Unread(value)
    within.add(here)
    told = _members(value, within)
    within.remove(here)
    return told


def _members(value: Any, within: set[int]) -> Any:
    if hasattr(cast("type[object]", type(value)), "__pydantic_fields_set__"):
        value = _set_fields(value)
    if isinstance(value, dict):
        given = [pair for pair in cast("dict[Any, Any]", value).items() if type(pair[1]).__name__ not in LEFT_OUT]
        return {str(key): _plain(item, within) for key, item in given}
    if isinstance(value, list | tuple):
        return [_plain(item, within) for item in cast("list[Any]", value)]
    return Unread(value)


def encodable(value: str) -> str:
    """The text with a question mark for each half of a surrogate pair that stands alone, as JSON may carry it."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def is_list(value: object) -> bool:
    """Whether a plain value is a list, and not something that would have to be used up to know what is in it."""
    return isinstance(value, list)


def _set_fields(model: BaseModel) -> dict[str, Any]:
    """By the names that they have on the wire."""
    fields = type(model).model_fields
    held = {name: item for name, item in vars(model).items() if name in model.model_fields_set}
    wired = {(fields[name].alias or name) if name in fields else name: item for name, item in held.items()}
    return wired | (model.model_extra or {})
