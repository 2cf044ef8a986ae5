"""What a program saw, as values that can be compared, whether it was observed or not."""

from __future__ import annotations

import re
from typing import Any

REQUEST_ID = re.compile(r"req_[0-9a-f]+|127\.0\.0\.1:\d+| at 0x[0-9a-f]+")

LOST = ("ReadError", "RemoteProtocolError")


def shown(value: object) -> object:
    """A chunk, event or answer with everything that its user could read off it, the identity of the request apart."""
    if isinstance(value, bytes):
        return REQUEST_ID.sub("…", value.decode(errors="backslashreplace"))
    if isinstance(value, str):
        return REQUEST_ID.sub("…", value)
    if value is None:
        return value
    dump = getattr(value, "to_dict", None) or getattr(value, "model_dump", None)
    try:
        content = dump(mode="json", warnings=False) if dump is not None else REQUEST_ID.sub("…", repr(value))
    except TypeError:
        content = repr(value)  # Old versions of anthropic cannot dump a part of a kind that they do not know.
    return type(value).__qualname__, content


def raised(error: BaseException) -> tuple[object, ...]:
    """An exception with everything that its handler could look at, the identity of the request apart."""
    return (
        "raised",
        class_of(error),
        REQUEST_ID.sub("…", str(error)),
        REQUEST_ID.sub("…", repr(getattr(error, "body", None))),
        getattr(error, "status_code", None),
        error.__suppress_context__,
        *(type(linked).__qualname__ if linked else None for linked in (error.__cause__, error.__context__)),
        getattr(error, "__notes__", None),
    )


def reset_alike(seen: list[Any]) -> list[Any]:
    """What a program saw, with a connection that was reset told in one way.

    The same reset is one error or another, by whether it or the end of the data before it is seen first.
    """
    return [_reset_alike(event) if isinstance(event, tuple) and event[:1] == ("raised",) else event for event in seen]


def _reset_alike(event: tuple[object, ...]) -> tuple[object, ...]:
    told = tuple("reset" if str(each).rpartition(".")[2] in LOST else each for each in event)
    return ("raised", "reset") if told[1] == "reset" else told


def class_of(error: BaseException) -> str:
    """The name under which a user imports it."""
    return f"{type(error).__module__.partition('.')[0]}.{type(error).__qualname__}"


def sees(into: list[Any]) -> Any:
    return lambda value: into.append(shown(value))
