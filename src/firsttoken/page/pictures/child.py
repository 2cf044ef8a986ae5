"""The process that draws: a picture as JSON on its standard input, PNG on its standard output."""

from __future__ import annotations

import os
import sys
from typing import Final

from pydantic import TypeAdapter

from firsttoken.page.pictures.drawing import png
from firsttoken.page.pictures.picture import Picture

PICTURE: Final = TypeAdapter(Picture)
NICENESS: Final = 5
WITHOUT_DRAWING: Final = "pictures need vl-convert-python, which is not installed: pip install 'firsttoken[local]'"


def main() -> int:
    """What went wrong is one line on standard error."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    picture = PICTURE.validate_json(sys.stdin.buffer.read())
    try:
        made = png(picture)
    except ImportError:
        print(WITHOUT_DRAWING, file=sys.stderr)
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
