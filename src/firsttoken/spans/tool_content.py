"""What a tool was given and what it gave, where content is captured: through the same hands as the content of calls."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.call.bodies import Json
from firsttoken.guard import guarded
from firsttoken.privacy.encoding import Encoder
from firsttoken.privacy.keeping import Keeping
from firsttoken.privacy.policy import Levels, levels_now
from firsttoken.semconv import names
from firsttoken.semconv.messages import compact
from firsttoken.settings import ContentLevel

NOTHING: Final = object()
"""No result, as None may be one."""


@dataclass(slots=True)
class ToolContent:
    """As plain values, for whoever gave them may change them afterwards."""

    level: ContentLevel
    arguments: Json = None
    result: Json = None

    def gave(self, result: object) -> None:
        if result is not NOTHING:
            self.result = _plain(result)

    def attributes(self, keeping: Keeping) -> Mapping[str, str]:
        """As JSON text. Raises RedactError where `redact` fails: none of it may be told. Off the caller's path."""
        told = keeping.bodies(self.arguments, self.result, self.level, ())
        values = {names.GEN_AI_TOOL_CALL_ARGUMENTS: told.request, names.GEN_AI_TOOL_CALL_RESULT: told.response}
        return {name: _text(value) for name, value in values.items() if value is not None}


def tool_content(settled: Levels, arguments: Callable[[], object]) -> ToolContent | None:
    """None where content is not captured on spans. `arguments` is not asked then."""
    level = levels_now(settled).spans
    return None if level == "none" else ToolContent(level, _plain(_arguments(arguments)))


def bound(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Mapping[str, Any]:
    """The arguments of a call by their names. Raises TypeError where they do not fit."""
    return inspect.signature(function).bind(*args, **kwargs).arguments


@guarded("read the arguments of a tool")
def _arguments(arguments: Callable[[], object]) -> object:
    return arguments()


def _plain(value: object) -> Json:
    """JSON text of an object, as models write arguments, is that object."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Encoder().encode(value)
    return Encoder().encode(value)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)
