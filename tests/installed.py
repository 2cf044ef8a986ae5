"""What the installed versions of the SDKs have. A test of what one lacks is left out, and says so.

With the newest SDKs, those of requirements.txt, none is: what they lack was misspelt here, or is gone.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import anthropic
import openai
import pytest

PINS: Final = Path(__file__).resolve().parent.parent.joinpath("requirements.txt").read_text(encoding="utf-8").split()


def http_of(sdk: ModuleType) -> Any:
    """The HTTP library that an SDK speaks through: httpx, or its successor httpx2."""
    client = next(base for base in sdk.DefaultHttpxClient.__mro__ if base.__name__ == "Client")
    return importlib.import_module(client.__module__.partition(".")[0])


OPENAI_HTTP: Final = http_of(openai)
ANTHROPIC_HTTP: Final = http_of(anthropic)
BYTE_STREAMS: Final = tuple(
    getattr(library, name)
    for library in dict.fromkeys((OPENAI_HTTP, ANTHROPIC_HTTP))
    for name in ("SyncByteStream", "AsyncByteStream")
)
"""What the body of a mocked response has to be, for either SDK, sync and async."""


def found(path: str) -> Any:
    """What an SDK has under a dotted name, or None."""
    root, *names = path.split(".")
    thing: Any = importlib.import_module(root)
    for name in names:
        if not hasattr(thing, name):
            try:
                importlib.import_module(f"{thing.__name__}.{name}")
            except ImportError:
                return None
        thing = getattr(thing, name)
    return thing


def needs(*paths: str, parameters: Iterable[str] = ()) -> pytest.MarkDecorator:
    """Leaves a test out where an SDK lacks one of these, or what is there lacks one of the parameters."""
    lacking = [name for path in paths for name in _lacking(path, parameters)]
    old = any(_version(name) not in PINS for name in lacking)
    return pytest.mark.skipif(old, reason=_not_offered(*lacking))


def part_of(owner: Any, name: str) -> Any:
    """What an object of an SDK has by that name; where it has none, the running test is left out."""
    lacking = f"{type(owner).__module__}.{type(owner).__qualname__}.{name}"
    if not hasattr(owner, name) and _version(lacking) not in PINS:
        pytest.skip(_not_offered(lacking))
    return getattr(owner, name)


def _lacking(path: str, parameters: Iterable[str]) -> Iterator[str]:
    thing = found(path)
    if thing is None:
        yield path
        return
    for name in parameters:
        if name not in inspect.signature(thing).parameters:
            yield f"{path}({name})"


def _version(path: str) -> str:
    sdk = path.partition(".")[0]
    return f"{sdk}=={importlib.metadata.version(sdk)}"


def _not_offered(*lacking: str) -> str:
    return f"not offered by {', '.join(sorted({_version(path) for path in lacking}))}: {', '.join(lacking)}"
