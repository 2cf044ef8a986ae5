"""A selection of calls in one word of the command line: `service.version=1.1,since=2d`.

    conditions = condition { "," condition }
    condition  = key "=" value

The key is `since`, `until`, `run`, `model`, or the name of any attribute. A comma or a backslash within a value has a
backslash before it. `model` may be given again and means any of them; every other key only once.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from firsttoken.analyse.moment import since_unix_ns
from firsttoken.semconv.context import attribute_named
from firsttoken.store import Selection

CONDITION: Final = re.compile(r"((?:[^,\\]|\\.)*)(?:,|$)", re.DOTALL)
ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
MOMENTS: Final = {"since": "since_unix_ns", "until": "until_unix_ns"}
OPTIONS: Final = {"since_unix_ns": "--since", "until_unix_ns": "--until", "run_id": "--run", "models": "--model"}


def read_conditions(text: str, common: Selection, now: datetime) -> Selection:
    """Those, and what is common. Raises ValueError, in one line for whoever wrote it."""
    once: dict[str, str] = {}
    models: list[str] = []
    for key, value in _pairs(text):
        if key == "model":
            models.append(value)
        elif once.setdefault(key, value) != value:
            raise ValueError(f"{key} is given twice in {text!r}: give it once")
    said: dict[str, Any] = {field: since_unix_ns(once.pop(key), now) for key, field in MOMENTS.items() if key in once}
    if "run" in once:
        said["run_id"] = once.pop("run")
    if models:
        said["models"] = tuple(models)
    where = {attribute_named(key): value for key, value in once.items()}
    twice = [OPTIONS[field] for field in said if getattr(common, field)]
    twice += [name for name, value in where.items() if common.where.get(name, value) != value]
    if twice:
        raise ValueError(f"{twice[0]} is both an option and in {text!r}: give it in one place")
    return replace(common, **said, where={**common.where, **where})


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    position = 0
    while position <= len(text):
        found = CONDITION.match(text, position)
        if found is None:
            raise ValueError(f"{text!r} ends with a backslash: write \\\\ for one")
        key, equals, value = found[1].partition("=")
        if not key.strip() or not equals:
            raise ValueError(f"{found[1]!r} in {text!r} is not KEY=VALUE, for example service.version=1.1 or since=2d")
        pairs.append((key.strip(), ESCAPED.sub(r"\1", value)))
        if found.end() == len(text) and not found[0].endswith(","):
            return pairs
        position = found.end()
    return pairs
