"""Which hosts are this machine and nobody else."""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

HOST: Final = re.compile(r"(?:\[(?P<address>[^\]]*)\]|(?P<name>[^\[\]:]*))(?::[0-9]*)?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether a name or address always means this machine, whatever a name server says.

    Names that end in `.localhost` are not among them: browsers differ, and some ask a name server for them, although
    RFC 6761 (section 6.3) says that nobody should.
    """
    if host.lower() == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def is_address(host: str) -> bool:
    """Whether it is no name at all, so that no name server has a say in it."""
    return _address(host) is not None


def host_name(header: str) -> str:
    """The name in a Host header, lower case, without port and brackets. Empty where what follows it is no port."""
    found = HOST.fullmatch(header.strip().lower())
    return "" if found is None else found["address"] or found["name"]


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Of version 4 also where a socket for both versions writes it as one of version 6."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
