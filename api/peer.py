"""Who is calling: the socket's peer, or what a trusted proxy says about it.

The right-most rule: X-Forwarded-For is read from its end, where our own proxies write, and only as long as the one
who wrote an entry is trusted. What a client puts in front of it changes nothing.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from zipped.settings import Network

Address = IPv4Address | IPv6Address
Headers = Iterable[tuple[bytes, bytes]]

MAX_HOPS = 32  # entries of X-Forwarded-For that are looked at


def source_ip(peer: str, headers: Headers, *, trusted: Sequence[Network]) -> str:
    """The client's address in its canonical form; what `peer` is when it is no address (a Unix socket)."""
    found = address(peer)
    if found is None:
        return peer
    if not trusted:
        return str(found)
    for entry in reversed(_forwarded(headers)[-MAX_HOPS:]):
        if not _within(found, trusted):
            break
        said = address(entry)
        if said is None:
            break
        found = said
    return str(found)


def limit_key(ip: str) -> str:
    """What one client is counted by: an IPv4 address, or the /64 that an IPv6 client usually has to itself."""
    found = address(ip)
    if isinstance(found, IPv6Address):
        return str(IPv6Address(int(found) >> 64 << 64))
    return ip


@lru_cache(maxsize=4096)
def address(text: str) -> Address | None:
    """An address as proxies write it: with or without port, brackets or zone; IPv4 mapped into IPv6 is IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def _forwarded(headers: Headers) -> list[str]:
    lines = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    return [entry for line in lines for entry in line.split(",") if entry.strip()]


def _within(found: Address, trusted: Sequence[Network]) -> bool:
    return any(found.version == network.version and found in network for network in trusted)
