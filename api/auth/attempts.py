"""How often a password may be tried, counted before anything is hashed.

By account and network together, so that a stranger elsewhere locks nobody out of their own account; and by network
alone. What waits grows with each failure. The counts live in this process: with several apis each allows as many.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address

from zipped.clock import Clock
from zipped.crypto import hash_token
from zipped.errors import LimitExceeded
from zipped.logs import get_logger

log = get_logger(__name__)

FREE_FAILURES = 5  # of one account from one network
WINDOW = 900  # seconds without a failure until they are forgotten
LONGEST_WAIT = 600  # seconds; under WINDOW, or the longest wait would end in five free tries
PER_NETWORK = 100  # failures from one network in an hour
HOUR = 3600  # seconds
KEPT = 50_000  # counts; the oldest go first


@dataclass(slots=True)
class Count:
    """Failures of late."""

    #: When the count began; for an account its last failure.
    since: float
    failures: int = 0
    #: When the next try may be made.
    open_at: float = 0.0


class Attempts:
    """The tries of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: OrderedDict[bytes | str, Count] = OrderedDict()

    def begin(self, *, account: str, ip: str) -> None:
        """Count a try as failed until `succeeded` takes it back. Raises LimitExceeded instead when it is too early."""
        now = self._clock.monotonic()
        network = network_of(ip)
        by_network = self._count(network, now, HOUR)
        by_both = self._count(_name(account, network), now, WINDOW)
        wait = by_both.open_at - now
        if by_network.failures >= PER_NETWORK:
            wait = max(wait, by_network.since + HOUR - now)
        if wait > 0:
            log.warning("signin.limited", network=network, wait=math.ceil(wait))
            raise LimitExceeded("Too many tries: wait a little and try again.", retry_after=float(math.ceil(wait)))
        by_network.failures += 1
        by_both.failures += 1
        by_both.since = now
        beyond = by_both.failures - FREE_FAILURES
        if beyond >= 0:
            by_both.open_at = now + min(LONGEST_WAIT, 30 * 2**beyond)

    def succeeded(self, *, account: str, ip: str) -> None:
        """The try was good: forget the failures of this account from here, and take the try itself back."""
        network = network_of(ip)
        self._counts.pop(_name(account, network), None)
        self._take_back(network)

    def withdraw(self, *, account: str, ip: str) -> None:
        """Nothing was tried after all."""
        network = network_of(ip)
        self._take_back(network)
        self._take_back(_name(account, network))

    def _take_back(self, name: bytes | str) -> None:
        if (count := self._counts.get(name)) and count.failures:
            count.failures -= 1
            count.open_at = 0.0

    def _count(self, name: bytes | str, now: float, window: float) -> Count:
        count = self._counts.get(name)
        if count is None or (now - count.since >= window and count.open_at <= now):
            count = self._counts[name] = Count(since=now)
        self._counts.move_to_end(name)
        if len(self._counts) > KEPT:
            self._counts.popitem(last=False)
        return count


def network_of(ip: str) -> str:
    """The neighbourhood of an address: /24 of version 4, /64 of version 6."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    keep = 24 if address.version == 4 else 64
    return f"{int(address) >> (address.max_prefixlen - keep):x}/{keep}"


def _name(account: str, network: str) -> bytes:
    return hash_token(f"{account}\0{network}")
