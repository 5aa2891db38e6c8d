"""Filters on times, given as ISO 8601 text or as seconds or milliseconds since 1970.

Formats are our own few tokens, not strftime's: those differ between platforms, and a width such as `%9999999Y` has no
bound. A time without an offset is UTC. Zones are IANA names from the time zone database that Python finds.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from zipped.engine.filters.declaration import Filter, FilterError, Parameter
from zipped.engine.outcome import Json
from zipped.engine.values import kind_of

ISO = "YYYY-MM-DDTHH:mm:ssZ"
MAX_FORMAT = 100  # characters
MAX_TIME = 64  # characters of a time as text
_MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905

#: What each token prints; the longest one that fits is taken.
_TOKENS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04}",
    "YY": lambda at: f"{at.year % 100:02}",
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02}",
    "M": lambda at: str(at.month),
    "DD": lambda at: f"{at.day:02}",
    "D": lambda at: str(at.day),
    "dddd": lambda at: _DAYS[at.weekday()],
    "ddd": lambda at: _DAYS[at.weekday()][:3],
    "HH": lambda at: f"{at.hour:02}",
    "H": lambda at: str(at.hour),
    "hh": lambda at: f"{at.hour % 12 or 12:02}",
    "h": lambda at: str(at.hour % 12 or 12),
    "mm": lambda at: f"{at.minute:02}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02}",
    "s": lambda at: str(at.second),
    "SSS": lambda at: f"{at.microsecond // 1000:03}",
    "A": lambda at: "AM" if at.hour < 12 else "PM",
    "a": lambda at: "am" if at.hour < 12 else "pm",
    "ZZ": lambda at: f"{at:%z}"[:5],
    "Z": lambda at: f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:5],
    "X": lambda at: str((at - _EPOCH) // timedelta(seconds=1)),
}
_TOKEN = re.compile(r"\[([^\]]*)\]|" + "|".join(sorted(_TOKENS, key=len, reverse=True)))


def _date(value: Json, form: str = ISO, zone: str = "UTC") -> str:
    moment = _in_zone(_moment(value), zone)
    return _TOKEN.sub(lambda found: _TOKENS[found[0]](moment) if found[1] is None else found[1], form)


def _add_seconds(value: Json, seconds: int | float) -> str:
    try:
        moment = _moment(value) + timedelta(seconds=seconds)
    except OverflowError:
        raise FilterError("leaves the years 1 to 9999") from None
    return moment.isoformat()


def moment_in(value: Json) -> datetime | None:
    """The time that an ISO 8601 text or a number of seconds or milliseconds stands for, with its offset, or None."""
    try:
        if isinstance(value, str) and len(value) <= MAX_TIME:
            moment = datetime.fromisoformat(value.strip())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _EPOCH + timedelta(seconds=value / 1000 if abs(value) >= _MILLISECONDS_FROM else value)
    except (ValueError, OverflowError):
        pass
    return None


def _moment(value: Json) -> datetime:
    moment = moment_in(value)
    if moment is None:
        raise FilterError(f"takes a time such as 2026-01-31T12:00:00Z or seconds since 1970, not {_shown(value)}")
    return moment


def _shown(value: Json) -> str:
    return f'"{value[:40]}"' if isinstance(value, str) else kind_of(value)


def _in_zone(moment: datetime, name: str) -> datetime:
    zone = _zone(name)
    if zone is None:
        raise FilterError(f'knows no time zone "{name[:40]}"')
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise FilterError("leaves the years 1 to 9999") from None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # unknown, no name at all, a folder of the database
        return None


def _known_zone(name: str) -> str | None:
    return None if _zone(name) else f'there is no time zone "{name[:40]}"; write it as "Europe/Berlin"'


def _short_format(form: str) -> str | None:
    return None if len(form) <= MAX_FORMAT else f"a format has at most {MAX_FORMAT} characters"


DATES = (
    Filter(
        "date",
        _date,
        "A time written in a format (ISO 8601 if none is given), in a time zone (UTC if none is given).",
        "about 10 times the format's 100 characters",
        (
            Parameter("format", "text", optional=True, check=_short_format),
            Parameter("zone", "text", optional=True, check=_known_zone),
        ),
    ),
    Filter(
        "add_seconds",
        _add_seconds,
        "A time so many seconds later, earlier when negative, as ISO 8601.",
        "32 characters",
        (Parameter("seconds", "number"),),
    ),
)
