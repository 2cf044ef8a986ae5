"""Writes down how a process stands when it ends, for `firsttoken doctor`, which started it."""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from pathlib import Path

from firsttoken.diagnosis.complaints import listen


def report_at_exit(folder: str) -> None:
    """Must be called before firsttoken is switched on: what is registered first runs last, after all was delivered."""
    listen()
    atexit.register(_report, Path(folder), os.getpid())


def _report(folder: Path, started_in: int) -> None:
    """A forked child asks no endpoint: its parent does, and gRPC does not outlive a fork."""
    from firsttoken.diagnosis.diagnose import diagnose

    with suppress(OSError):  # the doctor has gone, and nobody reads it
        place = folder / f"{os.getpid()}.json"
        whole = place.with_suffix(".part")
        whole.write_text(diagnose(ask_endpoints=os.getpid() == started_in).to_json(), "ascii")
        whole.rename(place)
