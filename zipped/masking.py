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

MASK = "***"
SHORTEST = 6  # characters

_SHORTEST_BASE64 = 8  # characters of base64 that stand for the secret alone


class Redactor:
    """Replaces the secrets it was made for; one without secrets gives back what it gets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        distinct = {secret for secret in secrets if len(secret) >= SHORTEST}
        longest_first = sorted(distinct, key=lambda one: (-len(one), one))
        self._literals = [form for secret in longest_first for form in _literal_forms(secret)]
        patterns = [
            pattern
            for secret in longest_first
            for pattern in (*map(re.escape, _literal_forms(secret)), _percent_encoded(secret))
        ]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._pattern is None:
            return text
        # Looking for the fixed forms one by one is ten times as fast as the pattern, and most texts hold none.
        if "%" not in text and not any(form in text for form in self._literals):
            return text
        return self._pattern.sub(MASK, text)

    def value(self, value: Any) -> Any:
        """The JSON value without secrets, keys included; a new one where anything changed."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.value(key): self.value(one) for key, one in value.items()}
            case list():
                return [self.value(one) for one in value]
            case _:
                return value


def _literal_forms(secret: str) -> list[str]:
    """The secret in every form but percent-encoded."""
    # It may stand in a text that is JSON itself, or within a text in that JSON: each level escapes once more.
    once = json.dumps(secret, ensure_ascii=False)[1:-1]
    escaped = [json.dumps(once)[1:-1], json.dumps(once, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1], once]
    forms = [secret, secret.replace(" ", "+"), *escaped, *_base64_forms(secret.encode("utf-8", "replace"))]
    return list(dict.fromkeys(forms))


def _percent_encoded(secret: str) -> str:
    """A pattern for every percent-encoding: encoders differ in what they encode, and in the case of the digits."""
    return "".join(map(_percent_encoded_sign, secret))


def _percent_encoded_sign(sign: str) -> str:
    encoded = "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "replace"))
    plus = r"|\+" if sign == " " else ""
    return f"(?:{re.escape(sign)}|(?i:{encoded}){plus})"


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
