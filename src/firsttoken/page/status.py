"""The answer of `/api/health`: which program listens here, and how it fares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from firsttoken.analyse.answers import Health

PRODUCT: Final = "firsttoken"


@dataclass(frozen=True, slots=True)
class Status:
    """Identity first, so that a client can tell this server from another program on the same port."""

    product: str
    version: str
    pid: int
    holders: int
    """Programs that want this server to stay, by an open request to `/api/hold`."""
    store: str | None
    """The file where the calls are kept, as an absolute path; None for a store in memory."""
    health: Health


def status(health: Health, holders: int, store_path: Path | None) -> Status:
    """Of this process."""
    return Status(
        product=PRODUCT,
        version=version(PRODUCT),
        pid=os.getpid(),
        holders=holders,
        store=None if store_path is None else str(store_path.resolve()),
        health=health,
    )
