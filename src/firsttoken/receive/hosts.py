"""Which hosts are this machine and nobody else."""

from __future__ import annotations

import ipaddress

from firsttoken.errors import SettingsError


def loopback_address(host: str) -> str:
    """The IP address to listen on. Raises SettingsError for one that other machines could reach."""
    if is_loopback(host):
        return "127.0.0.1" if host.lower() == "localhost" else host
    raise SettingsError(
        f"host {host!r} is not this machine's loopback: whoever reaches these ports may read and write every recorded "
        "call, and letting others in needs a token, which this version does not have; use 127.0.0.1"
    )


def is_loopback(host: str) -> bool:
    """Whether a name or address always means this machine, whatever a name server says."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
