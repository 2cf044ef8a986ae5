"""Answers as JSON for scripts."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter


def json_line(adapter: TypeAdapter[Any], answer: object) -> str:
    """One line of pure ASCII, so that neither a terminal nor an encoding can be harmed by what an answer contains.

    Money is a string: a number would lose digits.
    """
    return json.dumps(adapter.dump_python(answer, mode="json"))
