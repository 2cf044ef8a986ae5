"""Which hosts are this machine and nobody else."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether a name or address always means this machine, whatever a name server says."""
    name = host.lower().strip("[]")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def host_name(header: str) -> str:
    """The name in a Host header, lower case, without port and brackets."""
    name, bracket, _ = header.strip().lower().removeprefix("[").partition("]")
    if bracket:
        return name
    return name.rpartition(":")[0] if ":" in name else name
