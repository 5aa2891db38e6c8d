"""A mail server to hand messages to."""

import aiosmtplib

from connectors.email._session import reason, session
from zipped.catalog import ConnectionKind, ConnectionTest, OpenConnection, Outside
from zipped.http import OutsideError

TIMEOUT = 15.0  # seconds


async def _test(http: Outside, connection: OpenConnection) -> ConnectionTest:
    """Connect, encrypt, sign in, NOOP."""
    try:
        async with session(http, connection, timeout=TIMEOUT) as server:
            await server.noop()
    except OutsideError as error:
        return ConnectionTest(ok=False, message=error.message)
    except aiosmtplib.SMTPAuthenticationError as error:
        return ConnectionTest(ok=False, message=f"The server refused the user name or password: {error.message}")
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return ConnectionTest(ok=False, message=f"The server can't be used: {reason(error)}.")
    return ConnectionTest(ok=True, message="It works: the server let us in.")


CONNECTION = ConnectionKind(
    app="email",
    key="smtp",
    title="Mail server (SMTP)",
    description="The server that takes your outgoing mail.",
    fields={
        "type": "object",
        "properties": {
            "host": {
                "type": "string",
                "title": "Server",
                "minLength": 1,
                "maxLength": 253,
                "pattern": "^[A-Za-z0-9._:-]+$",
                "x-zipped": {"order": 1, "placeholder": "smtp.example.com", "help": "Its name or IP address alone."},
            },
            "port": {
                "type": "integer",
                "title": "Port",
                "description": "587 for STARTTLS and 465 for TLS, unless you say otherwise.",
                "minimum": 1,
                "maximum": 65535,
                "x-zipped": {"order": 2, "widget": "number"},
            },
            "security": {
                "type": "string",
                "title": "Encryption",
                "enum": ["starttls", "tls", "none"],
                "default": "starttls",
                "x-zipped": {"order": 3, "widget": "select"},
            },
            "username": {
                "type": "string",
                "title": "User name",
                "maxLength": 1000,
                "pattern": "^[^\\u0000-\\u001f]*$",
                "x-zipped": {"order": 4, "help": "It can't hold a control character."},
            },
            "password": {
                "type": "string",
                "title": "Password",
                "maxLength": 4000,
                "pattern": "^[^\\u0000-\\u001f]*$",
                "x-zipped": {"order": 5, "widget": "secret", "secret": True},
            },
            "from": {
                "type": "string",
                "title": "Sender",
                "description": "Used when a step names no other.",
                "maxLength": 500,
                "x-zipped": {"order": 6, "placeholder": "Ada <ada@example.com>"},
            },
        },
        "required": ["host"],
        "additionalProperties": False,
    },
    binds_hosts=False,
    test=_test,
)
