"""Which page a browser's request comes from: cookies count only for our own."""

from ipaddress import ip_address
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Origins:
    """The origins of one instance: its public address, and on one machine the other names of that machine."""

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self.public = f"{parts.scheme}://{parts.netloc}".lower()
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname or ""
        self._aliases = {f"{parts.scheme}://{name}{port}" for name in LOOPBACK} if _is_loopback(host) else set()

    def is_ours(self, origin: str | None, *, host: str) -> bool:
        """Whether an Origin header is exactly ours.

        For an instance at a loopback address its other names count too, if the request went to that same name.
        """
        if not origin:
            return False
        return origin == self.public or (origin in self._aliases and origin.partition("://")[2] == host.lower())


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
