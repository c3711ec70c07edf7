"""Addresses that other people may let this machine ask: those of the open internet, never of its own network.

A person who shares a server may type an address that only the server reaches: its own services, its neighbours,
the metadata of a cloud. So a name is resolved here, every address it has is judged, and the connection goes to
one that was judged: a name that answers differently the second time changes nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from headwater.core.errors import DownloadFailed, Forbidden

Resolve = Callable[[str, int], list[str]]
# Addresses that carry an IPv4 address in their last 32 bits.
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name. Raises DownloadFailed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DownloadFailed(f"The name {host[:200]!r} is not known here: {error}", "Check the address.") from error
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def public_address(host: str, port: int, look_up: Resolve = resolve) -> str:
    """Return an address of a host that anybody may ask. Raises Forbidden when one of its addresses is internal."""
    addresses = look_up(host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise Forbidden(
            f"{host[:200]!r} is an address inside this machine's own network.",
            "Only addresses of the open internet are asked here; an admin may ask others.",
        )
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is not None:
            found = inner
    return found.is_global and not found.is_multicast


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if any: both ways lead to the same machine."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
