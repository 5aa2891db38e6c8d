"""Checks of one value each: a check tells code, message and fix of what is wrong, or None."""

import re
from collections.abc import Callable, Mapping
from typing import Final

Wrong = tuple[str, str, str]
Check = Callable[[object], Wrong | None]

#: A field name of RFC 9110.
HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def whole(least: int, most: int) -> Check:
    """A whole number between both, inclusive."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        return "out_of_range", f"It takes a whole number from {least} to {most}.", f"Enter {least} to {most}."

    return check


def number(least: float, most: float) -> Check:
    """A number between both, inclusive."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
            return None
        return "out_of_range", f"It takes a number from {least:g} to {most:g}.", f"Enter {least:g} to {most:g}."

    return check


def one_of(*words: str) -> Check:
    """One of a closed set of words."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, str) and value in words:
            return None
        return "not_a_choice", f"It takes one of {', '.join(words)}.", f"Choose {' or '.join(words)}."

    return check


def some_of(*words: str) -> Check:
    """At least one of a closed set of words, none twice."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, list) and value and all(isinstance(word, str) and word in words for word in value):
            if len(set(value)) == len(value):
                return None
            return "twice", "One stands there twice.", "List each once."
        return "not_a_choice", f"It takes a list of {', '.join(words)}.", "List at least one of them."

    return check


def text(*, longest: int) -> Check:
    """Printable ASCII, as a header can hold it."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, str) and len(value) <= longest and value.isascii() and (value.isprintable() or not value):
            return None
        return "bad_text", f"It takes at most {longest} printable ASCII characters.", "Shorten or retype it."

    return check


def header_name() -> Check:
    """The name of an HTTP header."""

    def check(value: object) -> Wrong | None:
        if isinstance(value, str) and HEADER.fullmatch(value):
            return None
        return "not_a_header", "It takes the name of a header.", "Enter a name like X-Signature, without colon."

    return check


def template_of(*names: str, longest: int) -> Check:
    """ASCII text whose `{placeholders}` are among `names`."""
    plain = text(longest=longest)

    def check(value: object) -> Wrong | None:
        if wrong := plain(value):
            return wrong
        assert isinstance(value, str)
        rest = PLACEHOLDER.sub("", value)
        if set(PLACEHOLDER.findall(value)) <= set(names) and "{" not in rest and "}" not in rest:
            return None
        listed = " and ".join(f"{{{name}}}" for name in names)
        return "unknown_placeholder", f"In braces only {listed} may stand.", f"Use {listed}."

    return check


def object_of() -> Check:
    """An object; what is in it is checked by its own table."""

    def check(value: object) -> Wrong | None:
        return None if isinstance(value, Mapping) else ("type", "It is not an object.", "Send an object of settings.")

    return check


def nothing_or(other: Check) -> Check:
    """null, or what `other` takes."""

    def check(value: object) -> Wrong | None:
        return None if value is None else other(value)

    return check
