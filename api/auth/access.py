"""Access tokens: short-lived JWTs that name a session, signed with a key of their own.

The algorithm is fixed and the header decides nothing; every claim is required and checked here against the clock
that was handed in. A token says who it was made for; whether the session still stands is asked elsewhere.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt

from zipped import ids
from zipped.clock import Clock
from zipped.crypto import derive
from zipped.errors import InvalidId, Unauthenticated

ALGORITHM = "HS256"
AUDIENCE = "zipped-api"
LIFETIME = 600  # seconds
LEEWAY = 5  # seconds that the clocks of two apis may differ
MAX_LENGTH = 1000  # characters


@dataclass(frozen=True, slots=True)
class Access:
    """What a good token says."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


class AccessTokens:
    """Makes and reads access tokens of one instance."""

    def __init__(self, secret_key: bytes, *, issuer: str, clock: Clock) -> None:
        self._key = derive(secret_key, "access")
        self._issuer = issuer
        self._clock = clock

    def make(self, *, user_id: UUID, session_id: UUID) -> tuple[str, datetime]:
        """A token and when it runs out."""
        now = self._clock.now().replace(microsecond=0)
        expires_at = now + timedelta(seconds=LIFETIME)
        claims = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": ids.encode("usr", user_id),
            "sid": ids.encode("ses", session_id),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM), expires_at

    def read(self, token: str) -> Access:
        """What the token says. Raises Unauthenticated for any that we did not make, or that has run out."""
        if len(token) > MAX_LENGTH:
            raise Unauthenticated("The access token is not one of ours.")
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=self._issuer,
                options={
                    "require": ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"],
                    "strict_aud": True,
                    # Judged below, by the clock that was handed in.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
            access = Access(
                ids.decode(_text(claims["sub"]), "usr"),
                ids.decode(_text(claims["sid"]), "ses"),
                datetime.fromtimestamp(_number(claims["exp"]), UTC),
            )
            not_before = _number(claims["nbf"])
        except (jwt.PyJWTError, InvalidId, ValueError, OverflowError, OSError, RecursionError) as error:
            raise Unauthenticated("The access token is not one of ours.") from error
        now = self._clock.now().timestamp()
        if now >= access.expires_at.timestamp() + LEEWAY:
            raise Unauthenticated("The access token has run out: refresh the session.")
        if now < not_before - LEEWAY or access.expires_at.timestamp() - not_before > LIFETIME:
            raise Unauthenticated("The access token is not one of ours.")
        return access


def _number(value: object) -> int:
    if type(value) is not int:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value
