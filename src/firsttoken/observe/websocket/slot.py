"""Stands in a class for an attribute of its instances, and sees what is put there.

The instances hold it themselves, as they did before and will do after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firsttoken.guard import guarded


class Slot:
    """`keep` says what to keep in the place of a value, also of one that was there first. Never raises for it."""

    def __init__(self, name: str, keep: Callable[[Any, Any], Any]) -> None:
        self._name = name
        self._keep = guarded("watch an attribute")(keep)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        held: dict[str, Any] = instance.__dict__
        if self._name not in held:
            raise AttributeError(f"{type(instance).__name__!r} object has no attribute {self._name!r}")
        value = held[self._name]
        kept = self._keep(instance, value)
        if kept is None or kept is value:
            return value
        held[self._name] = kept
        return kept

    def __set__(self, instance: Any, value: Any) -> None:
        kept = self._keep(instance, value)
        instance.__dict__[self._name] = value if kept is None else kept

    def __delete__(self, instance: Any) -> None:
        del instance.__dict__[self._name]
