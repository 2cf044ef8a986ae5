"""The instrumentation scope under which all our signals go out."""

from __future__ import annotations

from typing import Final

NAME: Final = "firsttoken"
VERSION: Final = "0.1.0"
