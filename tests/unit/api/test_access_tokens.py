"""Access tokens: the right one is read, each forgery is refused in the same words."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest

from api.auth.access import AccessTokens
from zipped.clock import ManualClock
from zipped.crypto import derive
from zipped.errors import Unauthenticated

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
ISSUER = "https://zipped.example.com"
USER, SESSION = UUID(int=1), UUID(int=2)
KEY = derive(SECRET, "access")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "zipped-api",
    "sub": f"usr_{USER}",
    "sid": f"ses_{SESSION}",
    "iat": int(NOW.timestamp()),
    "nbf": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 600,
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def tokens(clock: ManualClock) -> AccessTokens:
    return AccessTokens(SECRET, issuer=ISSUER, clock=clock)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(claims: dict[str, Any], *, key: bytes = KEY, **header: Any) -> str:
    return jwt.encode(claims, key, algorithm="HS256", headers=header or None)


def hs512(claims: dict[str, Any]) -> str:
    body = f"{part({'alg': 'HS512', 'typ': 'JWT'})}.{part(claims)}"
    return f"{body}.{part(hmac.digest(KEY, body.encode(), 'sha512'))}"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def test_token_says_whose_it_is_and_until_when(tokens: AccessTokens) -> None:
    token, expires_at = tokens.make(user_id=USER, session_id=SESSION)

    access = tokens.read(token)

    assert (access.user_id, access.session_id) == (USER, SESSION)
    assert access.expires_at == expires_at == NOW + timedelta(minutes=10)
    assert tokens.read(signed(CLAIMS)) == access


def test_token_runs_out(tokens: AccessTokens, clock: ManualClock) -> None:
    token, _ = tokens.make(user_id=USER, session_id=SESSION)
    clock.advance(604)
    assert tokens.read(token)

    clock.advance(1)

    with pytest.raises(Unauthenticated, match=r"^The access token has run out: refresh the session\.$"):
        tokens.read(token)


FORGERIES: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no token": lambda: "abc.def.ghi",
    "algorithm none": lambda: f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(CLAIMS)}.",
    "algorithm None, kept signature": lambda: f"{part({'alg': 'None'})}.{part(CLAIMS)}.{signed(CLAIMS).split('.')[2]}",
    "another key": lambda: signed(CLAIMS, key=b"x" * 32),
    "the operator's key itself": lambda: signed(CLAIMS, key=SECRET),
    "the key for another purpose": lambda: signed(CLAIMS, key=derive(SECRET, "refresh")),
    "another algorithm of the family": lambda: hs512(CLAIMS),
    "claims changed after signing": lambda: ".".join(
        [signed(CLAIMS).split(".")[0], part({**CLAIMS, "sub": f"usr_{UUID(int=9)}"}), signed(CLAIMS).split(".")[2]]
    ),
    "signature cut off": lambda: signed(CLAIMS).rpartition(".")[0] + ".",
    "kid that names a file": lambda: signed(CLAIMS, key=b"x" * 32, kid="../../dev/null"),
    "another audience": lambda: signed({**CLAIMS, "aud": "elsewhere"}),
    "a list of audiences": lambda: signed({**CLAIMS, "aud": ["zipped-api", "elsewhere"]}),
    "another issuer": lambda: signed({**CLAIMS, "iss": "https://evil.example.com"}),
    "not good yet": lambda: signed({**CLAIMS, "nbf": CLAIMS["nbf"] + 60, "exp": CLAIMS["exp"] + 60}),
    "good for a year": lambda: signed({**CLAIMS, "exp": CLAIMS["exp"] + 31_536_000}),
    "a fraction of a second": lambda: signed({**CLAIMS, "exp": CLAIMS["exp"] + 0.5}),
    "true for a time": lambda: signed({**CLAIMS, "exp": True}),
    "a time beyond all calendars": lambda: signed({**CLAIMS, "exp": 10**30}),
    "a session that is a number": lambda: signed({**CLAIMS, "sid": 5}),
    "a person for a session": lambda: signed({**CLAIMS, "sid": f"usr_{USER}"}),
    "no expiry": lambda: signed(without("exp")),
    "no beginning": lambda: signed(without("nbf")),
    "no audience": lambda: signed(without("aud")),
    "no issuer": lambda: signed(without("iss")),
    "no session": lambda: signed(without("sid")),
    "too long": lambda: signed({**CLAIMS, "more": "x" * 2000}),
    "brackets": lambda: f"{part({'alg': 'HS256'})}.{part(b'[' * 600)}.x",
    "not ASCII": lambda: signed(CLAIMS)[:-1] + "é",
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused(tokens: AccessTokens, name: str) -> None:
    with pytest.raises(Unauthenticated, match=r"^The access token is not one of ours\.$"):
        tokens.read(FORGERIES[name]())
