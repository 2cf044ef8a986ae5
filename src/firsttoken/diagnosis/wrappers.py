"""Who has wrapped a function of an SDK: found by looking at what stands there, whoever put it there and how."""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, Final, cast

OURS: Final = "firsttoken"
LEGITIMATE: Final = frozenset({*sys.stdlib_module_names, "pydantic", "typing_extensions", "httpx", "httpx2", "anyio"})
"""What SDKs are built with, and what makes methods for their classes."""
METHODS: Final = (FunctionType, staticmethod, classmethod)
DEEPEST: Final = 50
"""Layers that are looked through. A chain that is longer is one that closes on itself."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A function of an SDK with somebody else's layers around it."""

    place: str
    """Like `Completions.create`."""
    module: str
    """The SDK's, that holds it."""
    layers: tuple[str, ...]
    """The modules whose code stands around it, the outermost first."""


def wrapped_functions(sdk: str) -> list[Wrapped]:
    """All of one SDK's that are imported, without wrappers that the SDK has itself."""
    return [
        Wrapped(place, module.__name__, foreign)
        for module in _modules(sdk)
        for place, value in _functions(module)
        if (foreign := tuple(name for name in authors(value) if not _belongs(name, sdk)))
    ]


def chain(function: Any) -> Iterator[Any]:
    """A function's layers, from the outside in, itself first."""
    for _ in range(DEEPEST):
        if type(function) in (staticmethod, classmethod):
            function = function.__func__
        if not _is_wrapper(function) and type(function) is not FunctionType:
            return
        yield function
        function = getattr(function, "__wrapped__", None)


def authors(function: Any) -> Iterator[str]:
    """The modules whose code runs when it is called, from the outside in.

    What a decorator copies onto its wrapper is not believed: a function is where its globals are.
    """
    for layer in chain(function):
        yield home(layer._self_wrapper if _is_wrapper(layer) else layer)


def home(thing: Any) -> str:
    """The module where a callable was written."""
    for name in ("__func__", "func"):  # of a bound method, and of a partial
        thing = getattr(thing, name, thing)
    if isinstance(thing, FunctionType):
        return str(thing.__globals__.get("__name__", "?"))
    return str(type(thing).__module__)


def _modules(sdk: str) -> list[ModuleType]:
    return [
        module
        for name, module in sorted(sys.modules.items())
        if (name == sdk or name.startswith(f"{sdk}.")) and ".types" not in name and type(module) is ModuleType
    ]


def _functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Those that are defined in the module, and those of its classes.

    Nothing is asked for an attribute before its type is known: SDKs keep proxies that import what is not installed.
    """
    for name, value in list(vars(module).items()):
        if type(value) is type or type(value) is ABCMeta:
            if value.__module__ == module.__name__:
                yield from ((f"{name}.{method}", function) for method, function in _methods(value))
        elif _is_wrapper(value) or (type(value) is FunctionType and hasattr(value, "__wrapped__")):
            yield name, value


def _methods(owner: type) -> Iterator[tuple[str, Any]]:
    for name, value in list(cast("Mapping[str, Any]", vars(owner)).items()):
        is_special = name.startswith("__") and name.endswith("__")
        if not is_special and (type(value) in METHODS or _is_wrapper(value)):
            yield name, value


def _is_wrapper(value: object) -> bool:
    """One of wrapt, or of a copy of it that somebody brought along."""
    return any(base.__name__ == "FunctionWrapper" for base in type(value).__mro__)


def _belongs(module: str, sdk: str) -> bool:
    root = module.partition(".")[0]
    return root in (sdk, OURS) or root in LEGITIMATE
