"""Which process listens on a port, as far as the operating system tells."""

from __future__ import annotations

import psutil


def port_holder(port: int) -> str | None:
    """Name and id of the process; None where that cannot be known, as for other users' processes."""
    try:
        listening = [found for found in psutil.net_connections("tcp") if found.status == psutil.CONN_LISTEN]
        pids = [found.pid for found in listening if tuple(found.laddr)[1:] == (port,) and found.pid is not None]
        return f"{psutil.Process(pids[0]).name()} (process {pids[0]})" if pids else None
    except psutil.Error:
        return None
