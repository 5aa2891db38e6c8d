"""The only way out: every call to another machine, over HTTP or not, goes through one guard.

`addresses` says which addresses and ports may be dialled, `guard` resolves names and opens sockets by those rules,
`client` speaks HTTP over them, `wire` bounds what comes back, `errors` says what went wrong and whether anything was
sent.
"""

from zipped.http.addresses import read_url
from zipped.http.client import Client, Request
from zipped.http.errors import (
    BadAnswer,
    BadRequest,
    BadUrl,
    Broken,
    Denied,
    HostNotBound,
    OutsideError,
    TimedOut,
    TooLarge,
    TooManyRedirects,
    Unreachable,
)
from zipped.http.guard import Guard

__all__ = [
    "BadAnswer",
    "BadRequest",
    "BadUrl",
    "Broken",
    "Client",
    "Denied",
    "Guard",
    "HostNotBound",
    "OutsideError",
    "Request",
    "TimedOut",
    "TooLarge",
    "TooManyRedirects",
    "Unreachable",
    "read_url",
]
