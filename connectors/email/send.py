"""Send e-mail: one message, handed to a mail server.

SMTP has no idempotency key; the Message-ID carries it instead, and many receivers fold messages with equal ones. A
server that took the message and never said so leaves an unknown outcome.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiosmtplib

from connectors.email import _message
from connectors.email._session import session
from zipped.catalog import Action, ActionContext, Effect, Failed, Outcome, Succeeded, Unknown
from zipped.http import OutsideError


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    """Send the message to everyone the server accepts; the others are in the output."""
    connection = context.connection
    if connection is None:
        return Failed(
            code="connection_missing",
            message="Choose a mail server: this installation has none of its own (ZIPPED_SMTP_URL).",
        )
    try:
        sender = _message.sender(input, connection.text("from") or connection.text("username"))
        recipients = _message.recipients(input)
        message = _message.compose(input, sent_from=sender, key=context.idempotency_key, now=context.now)
        written = await asyncio.to_thread(_message.write, message)  # so that the loop gets its turns
    except _message.BadMessage as error:
        return Failed(code="bad_input", message=str(error))
    handing_over = False
    try:
        async with (
            asyncio.timeout(context.timeout),
            session(context.http, connection, timeout=context.timeout, greet_as=sender.domain) as server,
        ):
            await server.mail(sender.addr_spec)
            refused = await _refused(server, recipients)
            if len(refused) == len(recipients):
                return _nobody(refused)
            handing_over = True
            answer = await server.data(written)
    except OutsideError as error:
        return Failed(code=error.code, message=error.message, retryable=error.retryable)
    except aiosmtplib.SMTPResponseException as error:
        return _said_no(error)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        told = f"The conversation with the mail server broke off: {error or type(error).__name__}."
        if handing_over:
            return Unknown(f"{told} It may have taken the message.")
        return Failed(code="smtp_broken", message=told, retryable=True)
    return Succeeded(
        {
            "messageId": message["Message-ID"],
            "accepted": [address for address in recipients if address not in refused],
            "refused": [
                {"address": address, "code": error.code, "message": error.message} for address, error in refused.items()
            ],
            "response": f"{answer.code} {answer.message}",
        }
    )


async def _refused(server: aiosmtplib.SMTP, recipients: list[str]) -> dict[str, aiosmtplib.SMTPRecipientRefused]:
    refused = {}
    for address in recipients:
        try:
            await server.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused[address] = error
    return refused


def _nobody(refused: Mapping[str, aiosmtplib.SMTPRecipientRefused]) -> Failed:
    first = next(iter(refused.values()))
    return Failed(
        code="smtp_recipients_refused",
        message=f"The mail server refused every recipient: {first.code} {first.message}",
        retryable=all(400 <= error.code < 500 for error in refused.values()),
        detail={"refused": [{"address": a, "code": e.code, "message": e.message} for a, e in refused.items()]},
    )


def _said_no(error: aiosmtplib.SMTPResponseException) -> Failed:
    return Failed(
        code=f"smtp_{error.code}",
        message=f"The mail server refused: {error.code} {error.message}",
        retryable=error.code < 500,
    )


_ADDRESSES: dict[str, Any] = {
    "type": ["string", "array"],
    "items": {"type": "string", "maxLength": _message.MAX_FIELD},
    "maxItems": _message.MAX_RECIPIENTS,
    "maxLength": _message.MAX_FIELD,
}

ACTION = Action(
    app="email",
    key="send",
    title="Send e-mail",
    description="Send a message through a mail server.",
    input={
        "type": "object",
        "properties": {
            "to": {
                "title": "To",
                "description": "One or more addresses, separated by commas, or a list.",
                **_ADDRESSES,
                "x-zipped": {"order": 1, "widget": "list", "placeholder": "ada@example.com"},
            },
            "subject": {
                "type": "string",
                "title": "Subject",
                "maxLength": 900,
                "x-zipped": {"order": 2, "widget": "text"},
            },
            "text": {
                "type": "string",
                "title": "Text",
                "maxLength": 500_000,
                "x-zipped": {"order": 3, "widget": "textarea"},
            },
            "html": {
                "type": "string",
                "title": "HTML",
                "description": "Shown instead of the text where HTML can be shown.",
                "maxLength": 500_000,
                "x-zipped": {"order": 4, "widget": "code", "advanced": True},
            },
            "cc": {"title": "Cc", **_ADDRESSES, "x-zipped": {"order": 5, "widget": "list", "advanced": True}},
            "bcc": {"title": "Bcc", **_ADDRESSES, "x-zipped": {"order": 6, "widget": "list", "advanced": True}},
            "from": {
                "type": "string",
                "title": "From",
                "description": "Left out: the connection's sender.",
                "maxLength": 500,
                "x-zipped": {"order": 7, "widget": "text", "advanced": True},
            },
            "replyTo": {
                "title": "Reply to",
                **_ADDRESSES,
                "x-zipped": {"order": 8, "widget": "list", "advanced": True},
            },
        },
        "required": ["to"],
        "additionalProperties": False,
    },
    output={
        "type": "object",
        "properties": {
            "messageId": {"type": "string"},
            "accepted": {"type": "array", "items": {"type": "string"}},
            "refused": {"type": "array", "items": {"type": "object"}},
            "response": {"type": "string"},
        },
    },
    sample={
        "messageId": "<mfrggzdfmztwq2lknnwg23tpobyxe43u@example.com>",
        "accepted": ["ada@example.com"],
        "refused": [],
        "response": "250 OK",
    },
    effect=Effect.WRITE,
    run=run,
    connection_kinds=("smtp",),
)
