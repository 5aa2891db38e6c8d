"""What a request shows of its caller: a bearer, cookies, an origin. The same for HTTP and for a socket's handshake."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.auth.gate import Gate
from api.auth.origin import Origins
from api.peer import source_ip
from zipped.settings import Settings

#: Any of these makes a browser ask first (CORS), and we never say yes.
PREFLIGHT_HEADERS = ("graphql-require-preflight", "apollo-require-preflight", "x-requested-with")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a request shows."""

    ip: str
    user_agent: str
    bearer: str | None
    access_cookie: str | None
    refresh_cookie: str | None
    origin: str | None
    #: The Origin header is exactly ours.
    same_origin: bool
    #: It carries a header that no page elsewhere can send without asking.
    preflighted: bool

    @property
    def has_cookies(self) -> bool:
        """Whether it brought a cookie of ours."""
        return bool(self.access_cookie or self.refresh_cookie)


class Reader:
    """Reads what requests show, for one instance."""

    def __init__(self, settings: Settings, gate: Gate) -> None:
        self._trusted = settings.trusted_proxies
        self._cookies = gate.cookies
        self._origins = Origins(settings.public_url)

    def read(self, peer: str, headers: Iterable[tuple[bytes, bytes]]) -> Shown:
        """From the peer's address and the request's headers, names in lower case."""
        headers = list(headers)
        values: dict[str, str] = {}
        cookies: list[str] = []
        for raw_name, raw_value in headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name == "cookie":  # HTTP/2 splits it
                cookies.append(value)
            else:
                values.setdefault(name, value)
        scheme, _, credentials = values.get("authorization", "").strip().partition(" ")
        access, refresh = self._cookies.read("; ".join(cookies))
        origin = values.get("origin")
        return Shown(
            ip=source_ip(peer, headers, trusted=self._trusted),
            user_agent=printable(values.get("user-agent", "")),
            bearer=credentials.strip() if scheme.lower() == "bearer" else None,
            access_cookie=access,
            refresh_cookie=refresh,
            origin=origin,
            same_origin=self._origins.is_ours(origin, host=values.get("host", "")),
            preflighted=any(name in values for name in PREFLIGHT_HEADERS),
        )


def printable(text: str) -> str:
    """A header's text as it may be stored and shown."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
