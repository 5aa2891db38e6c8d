"""What can go wrong with a call to another machine.

`sent` is False only when surely nothing of the request reached the other side: repeating a write is then harmless.
`retryable` says whether another try may go better.

OutsideError
  · BadUrl            the address can't be used                     never sent
  · BadRequest        a header, method or body can't be used        never sent
  · Denied            the guard refuses the address or port         not to that address
  · HostNotBound      the connection's secret may not go there      never sent
  · Unreachable       no such name, no connection, no TLS           not to that address   retryable
  · TimedOut          no whole answer in time                       perhaps sent          retryable
  · Broken            the connection broke before the whole answer  perhaps sent          retryable
  · BadAnswer         what came back isn't HTTP, or its headers are too large
  · TooLarge          the answer's body passed its limit
  · TooManyRedirects  one redirect more than allowed
"""

from zipped.errors import ZippedError


class OutsideError(ZippedError):
    """The call failed."""

    code = "call_failed"
    retryable = False

    def __init__(self, message: str | None = None, *, sent: bool = False) -> None:
        super().__init__(message)
        #: Whether anything may have reached the other side.
        self.sent = sent


class BadUrl(OutsideError):
    """The address can't be used."""

    code = "bad_url"


class BadRequest(OutsideError):
    """The request can't be sent as it is."""

    code = "bad_request"


class Denied(OutsideError):
    """The address is not public."""

    code = "address_denied"


class HostNotBound(OutsideError):
    """The connection may not be used with this host."""

    code = "host_not_bound"


class Unreachable(OutsideError):
    """The server can't be reached."""

    code = "unreachable"
    retryable = True


class TimedOut(OutsideError):
    """The server did not answer in time."""

    code = "timed_out"
    retryable = True


class Broken(OutsideError):
    """The connection broke before the whole answer was there."""

    code = "connection_broken"
    retryable = True


class BadAnswer(OutsideError):
    """The server's answer is not valid HTTP."""

    code = "bad_answer"


class TooLarge(OutsideError):
    """The answer is too large."""

    code = "answer_too_large"


class TooManyRedirects(OutsideError):
    """The server redirects too often."""

    code = "too_many_redirects"
