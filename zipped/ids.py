"""Public ids: one form everywhere, a three-letter prefix and a UUID, `run_0199a3c4-…`.

The UUID is version 7 and made by the database; the prefix says which kind of thing it names, so that an id
of the wrong kind is refused instead of finding nothing.
"""

from typing import Final
from uuid import UUID

from zipped.errors import InvalidId

PREFIXES: Final = {
    "user": "usr",
    "session": "ses",
    "api_token": "tok",
    "workspace": "wsp",
    "zip": "zip",
    "version": "ver",
    "trigger": "trg",
    "event": "evt",
    "run": "run",
    "connection": "con",
    "worker": "wrk",
    "step_test": "tst",
}
NOUNS: Final = {prefix: noun for noun, prefix in PREFIXES.items()}


def encode(prefix: str, value: UUID) -> str:
    """The public form of `value`, for example `encode("run", uuid)`."""
    return f"{prefix}_{value}"


def decode(text: str, prefix: str, *, path: tuple[str, ...] = ()) -> UUID:
    """The UUID behind a public id of one kind.

    Raises InvalidId, naming `path`, when the text is of another kind or no id at all.
    """
    found, value = decode_any(text, path=path)
    if found != prefix:
        raise InvalidId(
            f"“{text}” is the id of {_one(found)}; the id of {_one(prefix)} starts with {prefix}_.", path=path
        )
    return value


def decode_any(text: str, *, path: tuple[str, ...] = ()) -> tuple[str, UUID]:
    """Prefix and UUID of a public id of any kind. Raises InvalidId."""
    prefix, separator, rest = text.partition("_")
    # Only the canonical form passes: UUID() alone also takes braces, "urn:uuid:" and missing hyphens.
    if separator and prefix in NOUNS and len(rest) == 36:
        try:
            value = UUID(rest)
        except ValueError:
            pass
        else:
            if str(value) == rest:
                return prefix, value
    shown = text if len(text) <= 60 else text[:60] + "…"
    raise InvalidId(f"“{shown}” is not an id; an id is a prefix and a UUID, like run_0199a3c4-….", path=path)


def _one(prefix: str) -> str:
    noun = NOUNS[prefix].replace("_", " ")
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
