"""Secrets at rest and tokens.

A secret is sealed in an envelope: a fresh data key encrypts it (AES-256-GCM), a master key wraps the data key,
and both are bound to the row they belong to, so that a sealed value moved to another row does not open. Several
master keys may be known at once, each with an id; new values use the first, so keys can be changed online.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zipped.errors import ZippedError

FORMAT = b"\x01"
KEY_ID_BYTES = 4
NONCE_BYTES = 12
WRAPPED_KEY_BYTES = 32 + 16  # data key and its tag
TOKEN_BYTES = 24  # 192 bits


class CannotOpen(ZippedError):
    """The secret can't be opened: it was sealed with another ZIPPED_SECRET_KEY, or belongs to another row."""


class SecretBox:
    """Seals and opens secrets under master keys, of which the first seals."""

    def __init__(self, *keys: bytes) -> None:
        derived = [derive(key, "connections") for key in keys]
        self._keys = {hashlib.sha256(key).digest()[:KEY_ID_BYTES]: AESGCM(key) for key in derived}
        self._current = hashlib.sha256(derived[0]).digest()[:KEY_ID_BYTES]

    @property
    def key_id(self) -> str:
        """The id of the key that seals now, in hexadecimal."""
        return self._current.hex()

    def seal(self, plaintext: bytes, *, aad: bytes) -> bytes:
        """Encrypt; `aad` names the row, for example workspace and connection id, and is needed to open."""
        data_key = AESGCM.generate_key(256)
        wrap_nonce, nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
        wrapped = self._keys[self._current].encrypt(wrap_nonce, data_key, aad)
        return FORMAT + self._current + wrap_nonce + wrapped + nonce + AESGCM(data_key).encrypt(nonce, plaintext, aad)

    def open(self, sealed: bytes, *, aad: bytes) -> bytes:
        """Decrypt. Raises CannotOpen for another key, another row, or a changed byte."""
        sizes = (len(FORMAT), KEY_ID_BYTES, NONCE_BYTES, WRAPPED_KEY_BYTES, NONCE_BYTES)
        fmt, key_id, wrap_nonce, wrapped, nonce, body = _cut(sealed, sizes)
        master = self._keys.get(key_id)
        if fmt != FORMAT or master is None:
            raise CannotOpen
        try:
            return AESGCM(master.decrypt(wrap_nonce, wrapped, aad)).decrypt(nonce, body, aad)
        except (InvalidTag, ValueError) as error:  # ValueError: cut off within a nonce
            raise CannotOpen from error


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose, from the operator's one secret (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"zipped:" + purpose.encode()).derive(key)


def new_token() -> str:
    """A fresh unguessable token of 192 bits, safe in addresses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """What of a token is stored: its SHA-256. No salt is needed, for nobody can list 192-bit tokens."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def sign(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, message, "sha256")


def _cut(data: bytes, sizes: Sequence[int]) -> tuple[bytes, ...]:
    parts, start = [], 0
    for size in sizes:
        parts.append(data[start : start + size])
        start += size
    return (*parts, data[start:])
