"""What a JSON value may hold so that everything it passes through can carry it, and a walk that says where it doesn't.

PostgreSQL takes neither U+0000 nor half of a surrogate pair, JSON knows no NaN, and there is no common form for whole
numbers beyond 64 bits. The walk keeps its own stack and counts as it goes: a hostile value costs what the limits say.
"""

import math
from collections.abc import Iterator

from zipped.engine.problem import Problem

INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**64 - 1  # what 64 bits hold, with a sign or without


class Oversized(Exception):
    """The value as a whole is beyond a limit; `problem` says which."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def number_fits(value: int | float) -> bool:
    """Whether a number is finite and, when it is whole, within 64 bits."""
    return math.isfinite(value) if isinstance(value, float) else INTEGER_MIN <= value <= INTEGER_MAX


def utf8_length(text: str) -> int:
    """Bytes of the text in UTF-8; a lone surrogate counts as three."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def has_surrogate(text: str) -> bool:
    """Whether the text holds half of a surrogate pair, so that it has no UTF-8 form."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def cleaned(text: str) -> str:
    """The text as everything can carry it: NUL and half of a surrogate pair become U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def check(value: object, *, max_bytes: int, max_depth: int) -> Iterator[Problem]:
    """Everything in `value` that is not storable JSON, each with its path.

    Raises Oversized as soon as the value turns out to be larger than about `max_bytes` of compact JSON (what needs
    a backslash in JSON counts as one byte), or to have more than `max_depth` levels of lists and objects.
    """
    size = 0
    left: list[tuple[object, tuple[str, ...]]] = [(value, ())]
    while left:
        node, path = left.pop()
        if isinstance(node, str):
            size += 2 + utf8_length(node)
        elif isinstance(node, list | dict):
            size += 2 + len(node)
            if len(path) >= max_depth:
                raise Oversized(
                    Problem(
                        path=path,
                        code="too_deep",
                        message=f"It is nested deeper than {max_depth} levels.",
                        fix="Make it flatter.",
                    )
                )
        else:
            size += 4
        if isinstance(node, dict) and size <= max_bytes:
            size += sum(3 + utf8_length(key) for key in node if isinstance(key, str))
        if size > max_bytes:
            raise Oversized(
                Problem(
                    path=(),
                    code="too_large",
                    message=f"It is larger than {max_bytes // 1024} KiB.",
                    fix="Make it smaller, or split it.",
                )
            )
        if isinstance(node, dict):
            for key in node:
                yield from _wrong_key(key, path)
            left.extend((child, (*path, str(key)[:100])) for key, child in reversed(node.items()))
        elif isinstance(node, list):
            left.extend((child, (*path, str(index))) for index, child in reversed(list(enumerate(node))))
        else:
            yield from _wrong_scalar(node, path)


def _wrong_key(key: object, path: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(key, str):
        yield from _wrong_text(key, path, "A key of it")
    else:
        yield Problem(path=path, code="not_json", message="One of its keys is no text.", fix="Use text as keys.")


def _wrong_scalar(node: object, path: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(node, str):
        yield from _wrong_text(node, path, "It")
    elif isinstance(node, int | float) and not number_fits(node):
        message = "It is a whole number beyond 64 bits." if isinstance(node, int) else "It is not a finite number."
        yield Problem(path=path, code="number_out_of_range", message=message, fix="Write it as text, in quotes.")
    elif node is not None and not isinstance(node, int | float):
        yield Problem(path=path, code="not_json", message="It is not a JSON value.", fix="Use JSON values only.")


def _wrong_text(text: str, path: tuple[str, ...], subject: str) -> Iterator[Problem]:
    if "\0" in text:
        yield Problem(
            path=path,
            code="nul_character",
            message=f"{subject} holds a NUL character, which can't be stored.",
            fix="Remove the character U+0000.",
        )
    if has_surrogate(text):
        yield Problem(
            path=path,
            code="lone_surrogate",
            message=f"{subject} holds half a character (a lone surrogate), which can't be stored.",
            fix="Write the whole character.",
        )
