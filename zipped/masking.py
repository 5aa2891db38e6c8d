"""Keeps secrets out of what is stored and shown: every known form of them becomes `***`.

Wherever an echo of a request may come back (an answer's body, an error's text) it may carry a connection's secret, as
it is, percent-encoded, in base64 at any offset, or escaped within a JSON text. Secrets under six characters are left
alone: masking "abc" would eat half of every answer and protect nothing.

Who chose the secret may also have written the text, so everything here is a plain search for fixed bytes. A pattern
of alternatives took 28 s for a secret of 8,000 equal letters in a text of 100,000, and held the interpreter all along.
"""

import base64
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

MASK = "***"
SHORTEST = 6  # characters

_SHORTEST_BASE64 = 8  # characters of base64 that stand for the secret alone
_HEX = b"0123456789abcdefABCDEF"

Span = tuple[int, int]


class Redactor:
    """Replaces the secrets it was made for; one without secrets gives back what it gets."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        distinct = {secret for secret in secrets if len(secret) >= SHORTEST}
        longest_first = sorted(distinct, key=lambda one: (-len(one), one))
        self._literals = [form for secret in longest_first for form in _literal_forms(secret)]
        #: As they are found in a text whose percent signs were decoded; blanks and plus signs are one there.
        self._decoded = [_bytes(secret).replace(b" ", b"+") for secret in longest_first]

    def __bool__(self) -> bool:
        return bool(self._literals)

    def text(self, text: str) -> str:
        """The text without secrets."""
        if not self._literals:
            return text
        encoded = "%" in text
        if not encoded and not any(form in text for form in self._literals):
            return text  # most texts hold none
        raw = _bytes(text)
        found = [span for form in self._literals for span in _places(raw, _bytes(form))]
        if encoded:
            found += self._percent_encoded(raw)
        return _masked(raw, found) if found else text

    def value(self, value: Any) -> Any:
        """The JSON value without secrets, keys included; a new one where anything changed."""
        if not self._literals:
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

    def _percent_encoded(self, raw: bytes) -> Iterator[Span]:
        """Where a secret stands in any percent-encoding: encoders differ in what they encode, and in the digits."""
        decoded = unquote_to_bytes(raw).replace(b" ", b"+")
        # The decoded place of each escape; every one before a place makes the text two bytes longer.
        escapes = [at - 2 * number for number, at in enumerate(_escapes(raw))]
        for secret in self._decoded:
            # After a stray percent sign its first one or two characters look like the digits of an escape.
            for eaten in range(3):
                if not all(sign in _HEX for sign in secret[:eaten]):
                    break
                for begin, end in _places(decoded, secret[eaten:]):
                    start = begin + 2 * bisect_left(escapes, begin)
                    if raw[start - eaten : start] == secret[:eaten]:
                        yield start - eaten, end + 2 * bisect_left(escapes, end)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _places(text: bytes, form: bytes) -> Iterator[Span]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + len(form))


def _escapes(raw: bytes) -> Iterator[int]:
    """Where the escapes begin that `unquote_to_bytes` decodes."""
    at = raw.find(b"%")
    while at >= 0:
        digits = raw[at + 1 : at + 3]
        escape = len(digits) == 2 and digits[0] in _HEX and digits[1] in _HEX
        if escape:
            yield at
        at = raw.find(b"%", at + (3 if escape else 1))


def _masked(raw: bytes, found: list[Span]) -> str:
    """The text with each place masked; places that overlap are one."""
    parts: list[str] = []
    done, (begin, end) = 0, (0, 0)
    for next_begin, next_end in [*sorted(found), (len(raw), len(raw) + 1)]:
        if next_begin < end:
            end = max(end, next_end)
            continue
        if end:
            parts += [raw[done:begin].decode("utf-8", "surrogatepass"), MASK]
            done = end
        begin, end = next_begin, next_end
    return "".join([*parts, raw[done:].decode("utf-8", "surrogatepass")])


def _literal_forms(secret: str) -> list[str]:
    """The secret in every form but percent-encoded."""
    # It may stand in a text that is JSON itself, or within a text in that JSON: each level escapes once more.
    once = json.dumps(secret, ensure_ascii=False)[1:-1]
    escaped = [json.dumps(once)[1:-1], json.dumps(once, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1], once]
    forms = [secret, secret.replace(" ", "+"), *escaped, *_base64_forms(secret.encode("utf-8", "replace"))]
    return list(dict.fromkeys(forms))


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
