"""One conversation with a mail server, over a socket that the guard opened."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import aiosmtplib

from zipped.catalog import OpenConnection, Outside

PORTS = {"starttls": 587, "tls": 465, "none": 25}


@contextlib.asynccontextmanager
async def session(
    http: Outside, connection: OpenConnection, *, timeout: float, greet_as: str = "localhost"
) -> AsyncIterator[aiosmtplib.SMTP]:
    """Connected, encrypted as the connection says, signed in.

    Encryption is never left out because the server does not offer it. Raises `zipped.http.OutsideError` and
    `aiosmtplib.SMTPException`; nothing of a message was sent by then.
    """
    host = connection.text("host")
    security = connection.text("security", "starttls")
    port = int(connection.fields.get("port") or PORTS[security])
    socket = await http.connect(host, port, timeout=timeout, trusted=connection.trusted)
    server = aiosmtplib.SMTP(
        hostname=host,
        sock=socket,
        use_tls=security == "tls",
        start_tls=security == "starttls",
        timeout=timeout,
        local_hostname=greet_as,
    )
    try:
        try:
            await server.connect()
        except BaseException:
            socket.close()  # from a successful connect on it is the server's to close
            raise
        if connection.text("username"):
            await server.login(connection.text("username"), connection.text("password"))
        yield server
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(2):  # a farewell that fails changes nothing
                await server.quit()
    finally:
        server.close()


def reason(error: BaseException) -> str:
    """Why a conversation failed, in words for the owner of the connection, without a full stop."""
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {cause.verify_message}".rstrip(".")
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, aiosmtplib.SMTPConnectError) and cause is not None:
        return f"no connection came about ({str(cause).rstrip('.') or type(cause).__name__})"
    return str(error).rstrip(".") or type(error).__name__
