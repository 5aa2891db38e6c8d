"""Filters on numbers: decimal arithmetic as on paper, so that 0.1 plus 0.2 is 0.3, within 64 bits."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from zipped.engine.document import number_fits
from zipped.engine.filters.declaration import Filter, FilterError, Parameter, as_list, as_number
from zipped.engine.outcome import Json

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_MAX_LENGTH = 64  # characters of a number as text


def number_in(text: str) -> int | float | None:
    """The number that a text is, blanks at its ends aside; None when it is none, or one that JSON can't carry."""
    told = text.strip(" \t\r\n")
    if len(told) > _MAX_LENGTH or not _NUMBER.fullmatch(told):
        return None
    value = int(told) if _WHOLE.fullmatch(told) else float(told)
    return value if number_fits(value) else None


def _number(value: Json) -> int | float:
    if isinstance(value, str):
        found = number_in(value)
        if found is None:
            raise FilterError("takes text such as 12 or -3.50, without signs for thousands or money")
        return found
    return as_number(value)


def _round(value: Json, digits: int = 0) -> int | float:
    number = as_number(value)
    if isinstance(number, int):
        return number
    exact = _decimal(number).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=400))
    return int(exact) if digits == 0 and number_fits(int(exact)) else float(exact)


def _plus(value: Json, other: int | float) -> int | float:
    number = as_number(value)
    return _result(_decimal(number) + _decimal(other), whole=_both_whole(number, other))


def _minus(value: Json, other: int | float) -> int | float:
    number = as_number(value)
    return _result(_decimal(number) - _decimal(other), whole=_both_whole(number, other))


def _times(value: Json, other: int | float) -> int | float:
    number = as_number(value)
    return _result(_decimal(number) * _decimal(other), whole=_both_whole(number, other))


def _divided_by(value: Json, other: int | float) -> int | float:
    number = as_number(value)
    whole = isinstance(number, int) and isinstance(other, int) and number % other == 0
    return number // other if whole else _result(_decimal(number) / _decimal(other), whole=False)


def _sum(value: Json) -> int | float:
    items = [as_number(item) for item in as_list(value)]
    total = sum(map(_decimal, items), Decimal(0))
    return _result(total, whole=all(isinstance(item, int) for item in items))


def _decimal(number: int | float) -> Decimal:
    return Decimal(number) if isinstance(number, int) else Decimal(repr(number))


def _both_whole(one: int | float, other: int | float) -> bool:
    return isinstance(one, int) and isinstance(other, int)


def _result(exact: Decimal, *, whole: bool) -> int | float:
    result = int(exact) if whole else float(exact)
    if not number_fits(result):
        raise FilterError("makes a number that is out of range")
    return result


def _some_digits(digits: int) -> str | None:
    return None if 0 <= digits <= 10 else "digits go from 0 to 10"


def _not_zero(divisor: int | float) -> str | None:
    return None if divisor else "nothing can be divided by 0"


_OTHER = (Parameter("n", "number"),)

NUMBERS = (
    Filter("number", _number, 'Text such as "12" or " -3.50 " as a number.', "one number"),
    Filter(
        "round",
        _round,
        "Rounded to so many digits after the point, none if not said; halves go away from zero.",
        "one number",
        (Parameter("digits", "integer", optional=True, check=_some_digits),),
    ),
    Filter("plus", _plus, "With n added.", "one number", _OTHER),
    Filter("minus", _minus, "With n taken away.", "one number", _OTHER),
    Filter("times", _times, "n times as much.", "one number", _OTHER),
    Filter(
        "divided_by",
        _divided_by,
        "Divided by n: whole when it comes out even.",
        "one number",
        (Parameter("n", "number", check=_not_zero),),
    ),
    Filter("sum", _sum, "The numbers of a list together.", "one number"),
)
