"""What is inside a value, found without running code of its class: no iterator, property or serializer of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final, cast

from firsttoken.plain import LEFT_OUT

Pairs = list[tuple[object, object]]

SEQUENCES: Final[frozenset[int]] = frozenset(id(kind) for kind in (list, tuple, set, frozenset, deque))
"""By id, for a class of the application might answer for its own equality."""
PYDANTIC: Final = ("__pydantic_fields_set__", "__pydantic_extra__")


def bases(kind: type) -> tuple[type, ...]:
    """The class and those above it, not asked of the class itself, whose own class might answer for it."""
    return type.__dict__["__mro__"].__get__(kind)


def name_of(kind: type) -> str:
    return type.__dict__["__name__"].__get__(kind)


def items_of(value: Any, kind: type) -> list[object] | None:
    """Those of a list or of something that is built like one; None for all others."""
    for base in bases(kind):
        if id(base) in SEQUENCES:
            return list(cast("Any", base).__iter__(value))
    return None


def members_of(value: Any, kind: type) -> Pairs | None:
    """The names and values of a dict, a dataclass or a model of pydantic; None for all others.

    What the SDKs leave out of a request is not among them, and of a model there are the fields that were set.
    """
    found = _members_of(value, kind)
    return None if found is None else [pair for pair in found if name_of(type(pair[1])) not in LEFT_OUT]


def _members_of(value: Any, kind: type) -> Pairs | None:
    for base in bases(kind):
        if base is dict:
            return list(cast("Any", dict).items(value))
        own = _own(base)
        if isinstance(fields := own.get("__pydantic_fields__"), dict):
            return _of_model(value, kind, cast("dict[str, Any]", fields))
        if isinstance(fields := own.get("__dataclass_fields__"), dict):
            return list(_held(value, kind, cast("dict[str, object]", fields)).items())
    return None


def _of_model(model: object, kind: type, fields: dict[str, Any]) -> Pairs:
    """By the names that they have on the wire, and whatever came besides."""
    state = _held(model, kind, PYDANTIC)
    given = cast("set[str]", state.get("__pydantic_fields_set__") or ())
    held = [(name, item) for name, item in _instance_dict(model, kind).items() if name in given]
    wired: Pairs = [((fields[name].alias or name) if name in fields else name, item) for name, item in held]
    more = state.get("__pydantic_extra__")
    return wired + (list(cast("dict[object, object]", more).items()) if type(more) is dict else [])


def _held(value: object, kind: type, names: Iterable[str]) -> dict[str, object]:
    """Those of the names that the instance itself holds, in its dict or in slots."""
    held, found = _instance_dict(value, kind), dict[str, object]()
    for name in names:
        slot = _attribute(kind, name)
        if name in held:
            found[name] = held[name]
        elif isinstance(slot, MemberDescriptorType):
            _fill(found, name, slot, value, kind)
    return found


def _attribute(kind: type, name: str) -> object:
    """What the class has under a name, not bound to anything."""
    return next((_own(base)[name] for base in bases(kind) if name in _own(base)), None)


def _fill(found: dict[str, object], name: str, slot: MemberDescriptorType, value: object, kind: type) -> None:
    try:
        found[name] = slot.__get__(value, kind)
    except AttributeError:
        return  # It was never filled.


def _instance_dict(value: object, kind: type) -> Mapping[str, object]:
    """The instance's own, where no class of it puts something else in the place of `__dict__`."""
    for base in bases(kind):
        getter = _own(base).get("__dict__")
        if getter is not None:
            return getter.__get__(value, kind) if isinstance(getter, GetSetDescriptorType) else {}
    return {}


def _own(kind: type) -> Mapping[str, Any]:
    return type.__dict__["__dict__"].__get__(kind)
