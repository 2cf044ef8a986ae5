"""Puts wrappers on an SDK's methods, and takes them off again."""

from __future__ import annotations

import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import wrapt
from packaging.version import Version

from firsttoken.guard import guarded
from firsttoken.observe.native import Trace
from firsttoken.observe.seam import Seam
from firsttoken.providers.sdk import Sdk, SocketSeam

log = logging.getLogger("firsttoken")

NEEDED: Final = frozenset({"options", "stream", "stream_cls"})
"""Parameters of the seam that we rely on."""

NONE_BEFORE: Final = object()
"""Stands for the original of an attribute that a class did not have."""


class Patch:
    """The wrappers on one SDK. While it is off, or after `remove`, calls go through as if it were not there."""

    def __init__(self, sdk: Sdk) -> None:
        self.sdk = sdk
        self.seam: Seam | None = None
        self._wrapped: list[tuple[object, str, object, object]] = []

    @property
    def places(self) -> tuple[tuple[object, str, object], ...]:
        """Where our wrappers were put: owner, name and wrapper."""
        return tuple((owner, name, wrapper) for owner, name, _, wrapper in self._wrapped)

    def apply(self, seam: Seam) -> None:
        """Observes the SDK as soon as it is imported; now, if it is."""
        waiting = self.seam is None and not self._wrapped
        seam.replaces_native_spans = any(name == self.sdk.span_seam for _, name, _, _ in self._wrapped)
        self.seam = seam
        if waiting:
            wrapt.register_post_import_hook(self._wrap, self.sdk.module)
            for place in self.sdk.sockets:
                wrapt.register_post_import_hook(partial(self._watch, place), place.module)

    def remove(self) -> None:
        """Puts the SDK's own functions back. A wrapper that somebody else has wrapped stays, and does nothing."""
        self.seam = None
        for owner, name, original, wrapper in reversed(self._wrapped):
            if inspect.getattr_static(owner, name) is not wrapper:
                continue
            if original is NONE_BEFORE:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._wrapped.clear()

    @guarded("patch an SDK")
    def _wrap(self, module: Any) -> None:
        if self.seam is None or self._wrapped:
            return
        sdk = self.sdk
        clients: list[Any] = [getattr(module, name, None) for name in (sdk.sync_client, sdk.async_client)]
        if problem := self._problem(clients):
            log.warning("firsttoken does not observe %s: %s", sdk.distribution, problem)
            return
        if sdk.span_seam is not None and hasattr(module, sdk.span_seam):
            self._put(module, sdk.span_seam, lambda seam: seam.native_span)
            self.seam.replaces_native_spans = True
            if sdk.trace_seam is not None and hasattr(module, sdk.trace_seam):
                self._replace(module, sdk.trace_seam, Trace(getattr(module, sdk.trace_seam)))
        for client in clients:
            self._put_where_defined(client, sdk.pause_seam, lambda seam: seam.pause)
            self._put_where_defined(client, sdk.answer_seam, lambda seam: seam.answer)
        for base in {_definer(client, sdk.retry_seam) for client in clients} - {None}:
            self._put(base, sdk.retry_seam, lambda seam: seam.retry)
        sync_client, async_client = clients
        import_peeked(sdk.peeks)
        # Last, for from here on there are calls.
        for owner in definers(sync_client, sdk.seam):
            self._put(owner, sdk.seam, lambda seam: seam.request)
        for owner in definers(async_client, sdk.seam):
            self._put(owner, sdk.seam, lambda seam: seam.async_request)

    @guarded("watch the sockets of an SDK")
    def _watch(self, place: SocketSeam, module: Any) -> None:
        if self.seam is None or not self._wrapped:
            return
        from firsttoken.observe.websocket.watching import has_sockets, slots

        if has_sockets(place, module):
            for owner, name, slot in slots(place, module, lambda: self.seam):
                if name not in vars(owner):
                    setattr(owner, name, slot)
                    self._wrapped.append((owner, name, NONE_BEFORE, slot))
        elif (version := self._version()) is not None and Version(version) >= Version(place.since):
            log.warning(
                "firsttoken does not observe WebSockets of %s: version %s has none as we know them in %s; "
                "look for a newer firsttoken",
                self.sdk.distribution,
                version,
                place.module,
            )

    def _problem(self, clients: list[Any]) -> str | None:
        version = self._version()
        if version is not None and Version(version) < Version(self.sdk.oldest):
            return f"version {version} is older than {self.sdk.oldest}; run pip install -U {self.sdk.distribution}"
        for client in clients:
            seam = getattr(client, self.sdk.seam, None)
            if seam is None or not inspect.signature(seam).parameters.keys() >= NEEDED:
                return f"version {version} has no request method as we know it; look for a newer firsttoken"
        return None

    def _version(self) -> str | None:
        """As the SDK says it itself: its metadata is missing in a frozen program, and takes milliseconds to read. The
        package has it only at the end of its import, this module from the start."""
        try:
            version = importlib.import_module(f"{self.sdk.distribution}._version").__version__
        except (ImportError, AttributeError):
            return None
        return version if isinstance(version, str) else None

    def _put_where_defined(self, client: Any, name: str, pick: Callable[[Seam], Callable[..., Any]]) -> None:
        base = _definer(client, name)
        if base is not None:
            self._put(base, name, pick)

    def _put(self, owner: Any, name: str, pick: Callable[[Seam], Callable[..., Any]]) -> None:
        original = inspect.getattr_static(owner, name)

        def wrapper(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            seam = self.seam
            return wrapped(*args, **kwargs) if seam is None else pick(seam)(wrapped, instance, args, kwargs)

        self._replace(owner, name, wrapt.FunctionWrapper(original, wrapper))

    def _replace(self, owner: Any, name: str, replacement: object) -> None:
        original = inspect.getattr_static(owner, name)
        setattr(owner, name, replacement)
        self._wrapped.append((owner, name, original, replacement))


def definers(cls: type, name: str) -> list[type]:
    """The class itself, and each one below it that has a method of that name of its own.

    Another instrumentation that came before us may have put one there, from which calls no longer come by ours. A call
    that comes by two of ours is observed once.
    """
    found, waiting = [cls], [cls]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        found += [one for one in below if name in vars(one) and one not in found]
    return found


def _definer(cls: Any, name: str) -> Any:
    """The class in the inheritance of `cls` that defines `name` itself."""
    return next((base for base in cls.__mro__ if name in vars(base)), None)


@guarded("import what an SDK looks for")
def import_peeked(peeks: Mapping[str, str]) -> None:
    """Has it whole before there are calls, so that our own thread does not import it in the middle of one."""
    for peeking, name in peeks.items():
        if peeking in sys.modules and importlib.util.find_spec(name) is not None:
            importlib.import_module(name)
