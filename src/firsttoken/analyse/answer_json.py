"""Answers as JSON for scripts."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python


def json_line(adapter: TypeAdapter[Any], answer: object) -> str:
    """One line of pure ASCII, so that neither a terminal nor an encoding can be harmed by what an answer contains.

    Money is a string, as a number would lose digits, and never has an exponent.
    """
    return json.dumps(adapter.dump_python(answer), default=_text)


def _text(value: object) -> object:
    """Of what JSON has no kind for."""
    return f"{value:f}" if isinstance(value, Decimal) else to_jsonable_python(value)
