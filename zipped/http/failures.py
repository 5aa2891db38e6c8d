"""Turns what the HTTP library raises into one of our errors, in words that help the author of a zip."""

import ssl

import aiohttp
from yarl import URL

from zipped.http.errors import BadAnswer, BadRequest, BadUrl, Broken, Denied, OutsideError, Unreachable
from zipped.http.guard import Refused


def explain(error: BaseException, url: URL) -> OutsideError:
    """The error to raise instead; whether the request was sent is the caller's to add."""
    place = f"{url.host}:{url.port}"
    match error:
        case aiohttp.ClientConnectorError(os_error=Refused()):
            return Denied(f"{place} is not on the public internet.")
        case aiohttp.ClientConnectorCertificateError():
            return Unreachable(f"The certificate of {place} is not valid: {_certificate(error.certificate_error)}.")
        case aiohttp.ClientConnectorSSLError():
            return Unreachable(f"No secure connection to {place} came about: {_reason(error.os_error)}.")
        case aiohttp.ClientConnectorError():
            return Unreachable(f"{place} can't be reached: {_reason(error.os_error)}.")
        case aiohttp.ConnectionTimeoutError():
            return Unreachable(f"{place} took too long to connect.")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return BadUrl("The address can't be used.")
        case aiohttp.ClientPayloadError() if isinstance(error.__cause__, aiohttp.http_exceptions.ContentEncodingError):
            return BadAnswer(f"The answer of {place} is compressed in a way that can't be read.")
        case aiohttp.ClientResponseError():
            return BadAnswer(f"What {place} answered is not valid HTTP, or its headers are too large.")
        case aiohttp.ClientError() | OSError():
            return Broken(f"{place} broke the connection before the whole answer was there.")
        case _:
            return BadRequest(f"The request can't be sent: {error}.")


def _certificate(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    return _reason(error)


def _reason(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).rstrip(".")
