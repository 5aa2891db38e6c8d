"""Filters on text. Numbers and booleans are taken as the text they would be."""

import html

from zipped.engine.filters.declaration import Filter, FilterError, Parameter, as_text, reserve
from zipped.engine.outcome import Json
from zipped.engine.values import text_of

MAX_ITEMS = 100_000  # of a list that a filter makes out of text


def _replace(value: Json, old: str, new: str) -> str:
    text = as_text(value)
    reserve(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


def _split(value: Json, separator: str = ",") -> list[str]:
    text = as_text(value)
    if text.count(separator) >= MAX_ITEMS:
        raise FilterError(f"makes at most {MAX_ITEMS} items")
    return text.split(separator)


def _not_empty(text: str) -> str | None:
    return None if text else "an empty text can't be searched for"


TEXT = (
    Filter("upper", lambda value: as_text(value).upper(), "All letters large.", "3 times the characters"),
    Filter("lower", lambda value: as_text(value).lower(), "All letters small.", "3 times the characters"),
    Filter(
        "title", lambda value: as_text(value).title(), "The first letter of each word large.", "3 times the characters"
    ),
    Filter("trim", lambda value: as_text(value).strip(), "Without blanks at both ends.", "no longer"),
    Filter(
        "replace",
        _replace,
        "Every `old` becomes `new`.",
        "1 MiB, refused before it is built",
        (Parameter("old", "text", check=_not_empty), Parameter("new", "text")),
    ),
    Filter(
        "split",
        _split,
        'A list of the parts between separators ("," if none is given).',
        "100,000 items, together no longer",
        (Parameter("separator", "text", optional=True, check=_not_empty),),
    ),
    Filter(
        "escape_html",
        lambda value: html.escape(as_text(value)),
        "Safe to put into HTML: `&`, `<`, `>` and quotes are escaped.",
        "6 times the characters",
    ),
    Filter("string", text_of, "As text: null is empty, lists and objects are compact JSON.", "its JSON"),
)
