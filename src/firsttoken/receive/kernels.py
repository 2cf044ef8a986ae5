"""pyarrow, of which the types leave most of what is used here unknown."""

from __future__ import annotations

from typing import Any, Final

import pyarrow
import pyarrow.compute

pa: Final[Any] = pyarrow
pc: Final[Any] = pyarrow.compute
