"""Filters on lists and objects. What is not there is missing, as in a path, and `default` catches it."""

from zipped.engine.filters.declaration import (
    Argument,
    Filter,
    FilterError,
    Parameter,
    as_list,
    as_object,
    as_text,
    reserve,
)
from zipped.engine.outcome import Json
from zipped.engine.values import Missing, canonical, kind_of, same, text_of


def _default(value: Json | Missing, instead: Argument) -> Json:
    return instead if value is None or isinstance(value, Missing) else value


def _join(value: Json, separator: str = ", ") -> str:
    texts = [text_of(item) for item in as_list(value)]
    reserve(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _first(value: Json) -> Json | Missing:
    items = as_list(value)
    return items[0] if items else Missing("the list is empty")


def _last(value: Json) -> Json | Missing:
    items = as_list(value)
    return items[-1] if items else Missing("the list is empty")


def _length(value: Json) -> int:
    if isinstance(value, str | list | dict):
        return len(value)
    raise FilterError(f"takes text, a list or an object, not {kind_of(value)}")


def _slice(value: Json, start: int, end: int | None = None) -> Json:
    return value[start:end] if isinstance(value, list) else as_text(value)[start:end]


def _sort(value: Json) -> list[Json]:
    items = as_list(value)
    texts = all(isinstance(item, str) for item in items)
    numbers = all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    if not texts and not numbers:
        raise FilterError("takes a list of texts only, or of numbers only")
    return sorted(items)


def _unique(value: Json) -> list[Json]:
    firsts: dict[str, Json] = {}
    for item in as_list(value):
        firsts.setdefault(canonical(item), item)
    return list(firsts.values())


def _contains(value: Json, part: Argument) -> bool:
    if isinstance(value, list):
        return any(same(item, part) for item in value)
    return as_text(part) in as_text(value)


def _get(value: Json, key: str | int) -> Json | Missing:
    if isinstance(key, int):
        items = as_list(value)
        return items[key] if -len(items) <= key < len(items) else Missing(f"the list has {len(items)} items")
    return as_object(value).get(key, Missing(f"there is no {key[:100]!r} in it"))


def _map(value: Json, key: str) -> list[Json]:
    return [as_object(item).get(key) for item in as_list(value)]


LISTS = (
    Filter(
        "default",
        _default,
        "The literal instead, when something is missing or null.",
        "the larger of both",
        (Parameter("value", "any"),),
    ),
    Filter(
        "join",
        _join,
        'The items as one text, with a separator between (", " if none is given).',
        "1 MiB, refused before it is built",
        (Parameter("separator", "text", optional=True),),
    ),
    Filter("first", _first, "The first item.", "no larger"),
    Filter("last", _last, "The last item.", "no larger"),
    Filter("length", _length, "How many characters, items or keys.", "one number"),
    Filter(
        "slice",
        _slice,
        "The part of a text or list from `start` (from 0) up to `end`; negative counts from the end.",
        "no larger",
        (Parameter("start", "integer"), Parameter("end", "integer", optional=True)),
    ),
    Filter("reverse", lambda value: as_list(value)[::-1], "The list from its end.", "no larger"),
    Filter("sort", _sort, "A list of texts or of numbers in order.", "no larger; n times log n comparisons"),
    Filter("unique", _unique, "Every item once, the first time it comes.", "no larger"),
    Filter(
        "contains",
        _contains,
        "Whether the text holds this part, or the list this item.",
        "true or false",
        (Parameter("part", "any"),),
    ),
    Filter("keys", lambda value: list(as_object(value)), "The keys of an object.", "no larger"),
    Filter("values", lambda value: list(as_object(value).values()), "The values of an object.", "no larger"),
    Filter(
        "get",
        _get,
        "What an object holds under a key, or a list at a position (negative from the end).",
        "no larger",
        (Parameter("key", "key"),),
    ),
    Filter(
        "map",
        _map,
        "From each object of a list the value under a key, null where there is none.",
        "4 bytes an item more",
        (Parameter("key", "text"),),
    ),
)
