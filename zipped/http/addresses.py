"""Which hosts, addresses and ports may be dialled from inside this network.

Denied is whatever is not plainly public: private, loopback, link-local (the clouds' metadata services live there),
shared, reserved and multicast ranges, and IPv6 ranges that carry an IPv4 address or lead through a relay, for those
would smuggle the former. The operating system's list (`is_global`) is not enough: it calls 6to4 and NAT64 public.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from yarl import URL

Address = IPv4Address | IPv6Address

_DENIED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network; Linux dials 0.0.0.0 as loopback
        "100.64.0.0/10",  # shared by carriers; Alibaba's metadata service is 100.100.100.200
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service is 192.0.0.192
        "192.88.99.0/24",  # the former 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/3",  # multicast and reserved
        "168.63.129.16/32",  # Azure's host, reachable from inside a virtual machine only
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discarded
        "2001::/23",  # Teredo and other protocol assignments
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local, deprecated
    )
)

#: Services that trust their network and may take an HTTP request for a command of their own.
_DENIED_HTTP_PORTS = frozenset(
    {
        1433, 1521, 2049, 2181, 2375, 2376, 3306, 3389, 5432, 5433, 5671, 5672, 5900, 6000, 6379, 6380, 6667, 9042,
        9092, 9093, 11211, 27017,
    }
)  # fmt: skip
MAX_AUTHORITY = 300  # characters: a name has at most 253, and a port may follow
_MAIL_PORTS = frozenset({25, 465, 587, 2525})

_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\Z"
)
#: What stands between // and the path, of an address or of one that is relative to another.
_AUTHORITY = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]{2,}([^/?#]*)")
_NUMERIC_END = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")


def read_url(text: str) -> URL:
    """The address that a text spells. Raises ValueError, also for a host longer than any can be.

    Such a host is not looked at: what is one character to its author may stand for eighteen, and 8,000 took 0.4 s.
    """
    if (found := _AUTHORITY.match(text)) and len(found[1]) > MAX_AUTHORITY:
        raise ValueError(f"its host has {len(found[1])} characters")
    return URL(text)


def is_public(address: Address) -> bool:
    """Whether the address may be dialled without the operator's word."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    if any(address.version == network.version and address in network for network in _DENIED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def literal(host: str) -> Address | None:
    """The address a URL's host spells out, or None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_host_name(host: str) -> bool:
    """Whether it is a name that only a name server can turn into an address, in ASCII and lower case.

    A last label that is a number makes it one of the spellings of an IPv4 address that resolvers understand
    ("127.1", "0x7f.1", "2130706433") and readers don't.
    """
    return bool(_NAME.match(host)) and not _NUMERIC_END.match(host.rpartition(".")[2])


def is_http_port(port: int) -> bool:
    """Whether HTTP may be spoken to this port: 80, 443 and from 1024 on all but well-known other services."""
    return port in (80, 443) or (1024 <= port <= 65535 and port not in _DENIED_HTTP_PORTS and port not in _MAIL_PORTS)


def is_mail_port(port: int) -> bool:
    """Whether mail may be handed in at this port."""
    return port in _MAIL_PORTS
