"""The browser's two cookies: the access token, and the refresh token.

Over https they carry `__Host-` and Secure: no other host, no plain connection and no subdomain can set or see them.
`__Host-` demands the path /. Over plain http a browser drops Secure cookies for any name but localhost, so there
they are plain, and the refresh cookie goes to /graphql only.
"""

from zipped.settings import Settings

ACCESS = "zipped_access"
REFRESH = "zipped_refresh"
GRAPHQL_PATH = "/graphql"
MAX_HEADER = 16_384  # bytes


class Cookies:
    """Reads and writes the cookies of one instance."""

    def __init__(self, settings: Settings) -> None:
        self._secure = settings.cookies_secure
        prefix = "__Host-" if self._secure else ""
        self.access_name = prefix + ACCESS
        self.refresh_name = prefix + REFRESH

    def read(self, header: str) -> tuple[str | None, str | None]:
        """Access and refresh token of a Cookie header."""
        if not header or len(header) > MAX_HEADER:
            return None, None
        found: dict[str, str] = {}
        for part in header.split(";"):
            name, separator, value = part.strip().partition("=")
            if separator and name in (self.access_name, self.refresh_name):
                found.setdefault(name, value)
        return found.get(self.access_name), found.get(self.refresh_name)

    def set(self, *, access: str, access_seconds: int, refresh: str, refresh_seconds: int) -> list[str]:
        """The two Set-Cookie values of a session."""
        return [
            self._cookie(self.access_name, access, access_seconds, same_site="Lax", path="/"),
            self._cookie(self.refresh_name, refresh, refresh_seconds, same_site="Strict", path=self._refresh_path),
        ]

    def clear(self) -> list[str]:
        """The two Set-Cookie values that end a session in the browser."""
        return [
            self._cookie(self.access_name, "", 0, same_site="Lax", path="/"),
            self._cookie(self.refresh_name, "", 0, same_site="Strict", path=self._refresh_path),
        ]

    @property
    def _refresh_path(self) -> str:
        return "/" if self._secure else GRAPHQL_PATH

    def _cookie(self, name: str, value: str, seconds: int, *, same_site: str, path: str) -> str:
        secure = "; Secure" if self._secure else ""
        return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
