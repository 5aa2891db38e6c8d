"""Who may fire a webhook: anybody who knows its address, or who signs with a shared secret.

A signature is checked over the raw bytes, before anything is parsed. Several secrets are good at once, so that one
can be changed without losing an event; several signatures may stand in one header, separated by spaces.
"""

import base64
import binascii
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from zipped.crypto import SecretBox
from zipped.services.trigger_settings import Signature

MAX_SIGNATURES: Final = 10  # in one request
#: Unix time in seconds stays below this until the year 5138; above it are milliseconds.
MILLISECONDS_FROM: Final = 100_000_000_000

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Open:
    """The address is the secret."""

    #: Headers whose values are never stored, in lower case.
    hidden: tuple[bytes, ...] = ()

    def refusal(self, headers: Headers, body: bytes, *, now: datetime) -> str | None:
        """Why a request is not the sender's; never, here."""
        return None


@dataclass(frozen=True, slots=True)
class Hmac:
    """The sender proves that it knows one of the secrets."""

    signature: Signature
    secrets: tuple[bytes, ...]

    @property
    def hidden(self) -> tuple[bytes, ...]:
        """Headers whose values are never stored, in lower case."""
        return (self.signature.header.encode(),)

    def refusal(self, headers: Headers, body: bytes, *, now: datetime) -> str | None:
        """Why a request is not the sender's, in words that help the author; None when it is."""
        settings = self.signature
        given = list(self._given(headers))
        if not given:
            shape = f" that begins with “{settings.prefix}”" if settings.prefix else ""
            return f"There is no {settings.encoding} signature in the header {settings.header}{shape}."
        stamp = b""
        if settings.timestamp_header:
            stamp = _first(headers, settings.timestamp_header.encode()) or b""
            if refusal := self._stale(stamp, now):
                return refusal
        payload = _fill(settings.payload, stamp, body)
        good = False
        for secret in self.secrets:
            expected = hmac.digest(secret, payload, settings.algorithm)
            for signature in given:
                # No early exit: how long it takes does not say which of them matched.
                good |= hmac.compare_digest(expected, signature)
        return None if good else "The signature does not match the body and any of the secrets."

    def _given(self, headers: Headers) -> Iterable[bytes]:
        wanted, prefix = self.signature.header.encode(), self.signature.prefix.encode()
        parts = [part for name, value in headers if name == wanted for part in value.split()]
        for part in parts[:MAX_SIGNATURES]:
            if part.startswith(prefix):
                decoded = _decode(part[len(prefix) :], self.signature.encoding)
                if decoded:
                    yield decoded

    def _stale(self, stamp: bytes, now: datetime) -> str | None:
        settings = self.signature
        if not stamp.isdigit() or len(stamp) > 16:
            return f"There is no Unix time in the header {settings.timestamp_header}."
        seconds = int(stamp)
        if seconds >= MILLISECONDS_FROM:
            seconds //= 1000
        away = int(now.timestamp()) - seconds
        if abs(away) <= settings.tolerance_seconds:
            return None
        side = "old" if away > 0 else "ahead"
        return f"The timestamp is {abs(away)} s {side}; at most {settings.tolerance_seconds} s are allowed."


Verifier = Open | Hmac


def verifier(kind: str, signature: Signature, secrets: Iterable[str]) -> Verifier:
    """The verifier of a trigger."""
    if kind == "hmac":
        return Hmac(signature, tuple(secret.encode() for secret in secrets))
    return Open()


def seal_secrets(box: SecretBox, secrets: Sequence[str], *, aad: bytes) -> bytes:
    """The secrets as they are stored in `trigger.verifier_sealed`; `aad` is `rows.seal_name` of the trigger."""
    return box.seal(orjson.dumps(list(secrets)), aad=aad)


def open_secrets(box: SecretBox, sealed: bytes | None, *, aad: bytes) -> tuple[str, ...]:
    """The secrets again. Raises CannotOpen when they were sealed with another key or for another trigger."""
    return tuple(orjson.loads(box.open(sealed, aad=aad))) if sealed else ()


def _first(headers: Headers, wanted: bytes) -> bytes | None:
    return next((value.strip() for name, value in headers if name == wanted), None)


def _fill(payload: str, stamp: bytes, body: bytes) -> bytes:
    if payload == "{body}":
        return body
    before, _, after = payload.encode().partition(b"{body}")
    # The body goes in last, so that a placeholder that stands in it stays what it is.
    return before.replace(b"{timestamp}", stamp) + body + after.replace(b"{timestamp}", stamp)


def _decode(text: bytes, encoding: str) -> bytes | None:
    try:
        if encoding == "hex":
            return binascii.unhexlify(text)
        padded = text.rstrip(b"=")
        padded += b"=" * (-len(padded) % 4)
        return base64.b64decode(padded.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except (binascii.Error, ValueError):
        return None
