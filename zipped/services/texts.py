"""What a text or a JSON value from outside must be before it is stored; refusals name the field and the fix."""

import unicodedata
from collections.abc import Sequence
from typing import Final

import orjson

from zipped.engine import document
from zipped.engine.problem import Problem
from zipped.errors import ValidationFailed

MAX_NAME = 300  # characters
MAX_NOTE = 10_000  # characters
#: Unicode calls them letters, and one a symbol: fillers of Hangul, and Braille without a dot.
BLANKS: Final = "\u115f\u1160\u3164\uffa0\u2800"


def name(value: str, *, path: Sequence[str], longest: int = MAX_NAME) -> str:
    """One line that people read, trimmed and not empty. Raises ValidationFailed.

    Any script and direction will do; control characters, line breaks included, will not, nor what nobody can see.
    """
    text = note(value, path=path, longest=longest).strip()
    if not text:
        raise ValidationFailed.of("It is empty.", path=path, code="required", fix="Fill it in.")
    if any(ord(sign) < 32 or ord(sign) == 127 or sign in "\u2028\u2029" for sign in text):
        raise ValidationFailed.of(
            "It holds a line break or another control character.",
            path=path,
            code="control_character",
            fix="Write it on one line.",
        )
    if not any(map(_is_seen, text)):
        raise ValidationFailed.of(
            "It holds nothing that can be seen.", path=path, code="required", fix="Write a name that can be read."
        )
    return text


def note(value: str, *, path: Sequence[str], longest: int = MAX_NOTE) -> str:
    """A text that the database can hold, as it is. Raises ValidationFailed."""
    if len(value) > longest:
        raise ValidationFailed.of(
            f"It has {len(value)} characters; at most {longest} fit.", path=path, code="too_long", fix="Shorten it."
        )
    problems = list(document.check(value, max_bytes=longest * 4 + 2, max_depth=1))  # its quotation marks count
    if problems:
        raise ValidationFailed([_at(path, problem) for problem in problems])
    return value


def json_bytes(value: object, *, path: Sequence[str], max_bytes: int, max_depth: int) -> bytes:
    """A JSON value in its compact form, checked for everything that storing it could trip over.

    Raises ValidationFailed with every problem at once.
    """
    try:
        problems = list(document.check(value, max_bytes=max_bytes, max_depth=max_depth))
    except document.Oversized as error:
        problems = [error.problem]
    if problems:
        raise ValidationFailed([_at(path, problem) for problem in problems[:50]])
    told = orjson.dumps(value)
    if len(told) > max_bytes:  # the walk counts characters, not bytes
        raise ValidationFailed.of(
            f"It is larger than {max_bytes // 1024} KiB.", path=path, code="too_large", fix="Make it smaller."
        )
    return told


def _is_seen(sign: str) -> bool:
    """Whether it leaves a mark by itself; accents, formats, directions and blanks of any width don't."""
    return unicodedata.category(sign)[0] in "LNPS" and sign not in BLANKS


def _at(path: Sequence[str], problem: Problem) -> Problem:
    return Problem(path=(*path, *problem.path), code=problem.code, message=problem.message, fix=problem.fix)
