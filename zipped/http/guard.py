"""Resolves names and opens sockets so that nothing but public addresses is ever dialled.

A check before the call is worth nothing: a name may answer differently a moment later. So the guard sits in the two
places that every call must pass. The resolver looks a name up once, refuses it when any of its addresses is denied,
and hands on literal addresses only; the socket factory looks at each address that is about to be dialled, literals
in a URL included, for those never see a resolver.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from zipped.http.addresses import is_host_name, is_public, literal
from zipped.http.errors import BadUrl, Denied, TimedOut, Unreachable

LOOKUP_TIMEOUT = 3.0  # seconds
#: Look-ups at once; the C library offers no other way than to block a thread. As many as runs in hand: one whose name's
#: server does not answer blocks its thread for longer than anybody waits, and must not keep the others' from theirs.
LOOKUP_THREADS = 64
CACHE_SECONDS = 10.0  # how long an answer serves
CACHE_SIZE = 1000  # names
MAX_ADDRESSES = 4  # of one name that are tried

Lookup = Callable[[str], Awaitable[Sequence[str]]]
Ports = Callable[[int], bool]


class Refused(OSError):
    """The last wall: an address got as far as the socket factory. An OSError, because that is what callers expect."""


class Guard:
    """Decides what may be dialled, by fixed rules and the operator's list of exceptions.

    `allow` holds (host, port) pairs that pass whatever they are or resolve to. `lookup` turns a name into addresses;
    the system's resolver unless a test brings its own.
    """

    def __init__(
        self,
        *,
        allow: frozenset[tuple[str, int]] = frozenset(),
        lookup: Lookup | None = None,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self._allow = frozenset((_normal(host), port) for host, port in allow)
        self._dialable = {(host, port) for host, port in self._allow if literal(host) is not None}
        self._lookup = lookup or self._system_lookup
        self._cache_seconds = cache_seconds
        self._cache: dict[str, tuple[float, Sequence[str]]] = {}
        self._pending: dict[str, asyncio.Task[Sequence[str]]] = {}
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")

    def check(self, host: str, port: int, *, ports: Ports) -> None:
        """Refuse what can be refused without a look-up. Raises BadUrl and Denied."""
        host = _normal(host)
        if (host, port) in self._allow:
            return
        address = literal(host)
        if address is None and not is_host_name(host):
            raise BadUrl(f"“{host[:100]}” is not a host: write a name like api.example.com or a plain IP address.")
        if not ports(port):
            raise Denied(f"Port {port} may not be called; ask the operator to allow {host}:{port} if it should be.")
        if address is not None and not is_public(address):
            raise _denied(host, port)

    async def addresses(self, host: str, port: int) -> list[str]:
        """Every address of the name that may be dialled. Raises Denied if one of them isn't public, Unreachable."""
        host = _normal(host)
        found = [host] if literal(host) is not None else list(await self._looked_up(host))
        if (host, port) in self._allow:
            self._dialable.update((_normal(address), port) for address in found)
        else:
            for text in found:
                address = literal(text)
                if (address is None or not is_public(address)) and (_normal(text), port) not in self._allow:
                    raise _denied(host, port)
        return found[:MAX_ADDRESSES]

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for one address of `getaddrinfo`'s form. Raises OSError for one that may not be dialled."""
        family, kind, protocol, _, where = info
        address = literal(where[0])
        if (address is None or not is_public(address)) and (_normal(where[0]), where[1]) not in self._dialable:
            raise Refused(f"{where[0]} may not be dialled")
        return socket.socket(family, kind, protocol)

    async def connect(
        self, host: str, port: int, *, ports: Ports, timeout: float, trusted: bool = False
    ) -> socket.socket:
        """A connected, non-blocking TCP socket, for protocols other than HTTP. `timeout` in seconds.

        `trusted` lifts the rules. Raises Denied, BadUrl, Unreachable, TimedOut; in each case nothing was sent.
        """
        try:
            async with asyncio.timeout(timeout):
                if trusted:
                    found = list(await self._looked_up(_normal(host)) if literal(host) is None else [host])
                else:
                    self.check(host, port, ports=ports)
                    found = await self.addresses(host, port)
                return await self._dial(found, port, opener=socket_for if trusted else self.open_socket)
        except TimeoutError:
            raise TimedOut(f"{host}:{port} took longer than {timeout:g} s to connect.") from None
        except OSError as error:
            raise Unreachable(f"{host}:{port} can't be reached: {_reason(error)}.") from error

    async def close(self) -> None:
        """Forget everything; look-ups under way are left to end by themselves."""
        for task in tuple(self._pending.values()):
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _dial(
        self, found: Sequence[str], port: int, *, opener: Callable[[tuple[Any, ...]], socket.socket]
    ) -> socket.socket:
        loop = asyncio.get_running_loop()
        failure: OSError = OSError("no address")
        for address in found[:MAX_ADDRESSES]:
            connection = opener((_family(address), socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port)))
            try:
                connection.setblocking(False)
                await loop.sock_connect(connection, (address, port))
            except OSError as error:
                connection.close()
                failure = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise failure

    async def _looked_up(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        known = self._cache.get(host)
        if known and known[0] > loop.time():
            return known[1]
        task = self._pending.get(host)
        if task is None:
            task = self._pending[host] = loop.create_task(self._lookup_of(host))
            task.add_done_callback(partial(self._remember, host))
        try:
            async with asyncio.timeout(LOOKUP_TIMEOUT):
                # One caller's patience must not end the look-up of another, nor begin one more of a name that hangs.
                return await asyncio.shield(task)
        except TimeoutError:
            raise Unreachable(f"Nobody answered who {host} is within {LOOKUP_TIMEOUT:g} s.") from None

    async def _lookup_of(self, host: str) -> Sequence[str]:
        try:
            found = await self._lookup(host)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"There is no server called {host}: {_reason(error)}.") from error
        if not found:
            raise Unreachable(f"There is no server called {host}.")
        return found

    def _remember(self, host: str, task: "asyncio.Task[Sequence[str]]") -> None:
        self._pending.pop(host, None)
        if task.cancelled() or task.exception() is not None:
            return
        if len(self._cache) >= CACHE_SIZE:
            self._cache.clear()
        self._cache[host] = (asyncio.get_running_loop().time() + self._cache_seconds, task.result())

    async def _system_lookup(self, host: str) -> Sequence[str]:
        look = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        infos = await asyncio.get_running_loop().run_in_executor(self._threads, look)
        return list(dict.fromkeys(str(info[4][0]) for info in infos))


class GuardedResolver(AbstractResolver):
    """The guard in the form that aiohttp's connector asks for names."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name; all public, or none at all."""
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=_family(address), proto=0, flags=socket.AI_NUMERICHOST
            )
            for address in await self._guard.addresses(host, port)
        ]

    async def close(self) -> None:
        """Nothing of its own to close."""


def socket_for(info: tuple[Any, ...]) -> socket.socket:
    """A socket without any check, for the operator's own targets."""
    return socket.socket(info[0], info[1], info[2])


def _normal(host: str) -> str:
    """The one spelling under which a host is compared."""
    host = host.lower().strip("[]").removesuffix(".")
    address = literal(host)
    return host if address is None else address.compressed


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _denied(host: str, port: int) -> Denied:
    return Denied(
        f"{host} is not on the public internet. If zips should be able to call it, "
        f"the operator can allow {host}:{port} with ZIPPED_OUTBOUND_ALLOW."
    )


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text[:1].lower() + text[1:].rstrip(".")
