"""Keeps secrets out of what is stored and shown: every known form of them becomes `***`.

Wherever an echo of a request may come back (an answer's body, an error's text) it may carry a connection's secret, as
it is, percent-encoded, in base64 at any offset, or escaped within a JSON text. Secrets under six characters are left
alone: masking "abc" would eat half of every answer and protect nothing.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 6  # characters

_SHORTEST_BASE64 = 8  # characters of base64 that stand for the secret alone


class Redactor:
    """Replaces the secrets it was made for; one without secrets gives back what it gets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The JSON value without secrets, keys included; a new one where anything changed."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self._pattern.sub(MASK, value)
            case dict():
                return {self.value(key): self.value(one) for key, one in value.items()}
            case list():
                return [self.value(one) for one in value]
            case _:
                return value


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), encoded)
    yield from _base64_forms(secret.encode("utf-8", "replace"))


def _base64_forms(secret: bytes) -> Iterator[str]:
    """What every base64 text has in common that holds the secret at some offset."""
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(offset) + secret).decode().rstrip("=")
            # The first characters mix with what stands before the secret, the last one with what comes after it.
            begin = (0, 2, 3)[offset]
            end = len(text) - (1 if (offset + len(secret)) % 3 else 0)
            if end - begin >= _SHORTEST_BASE64:
                yield text[begin:end]
