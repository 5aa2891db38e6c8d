"""A mail message from an input that strangers may have filled: no header but ours, no address but the author's."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

MAX_RECIPIENTS = 50  # of to, cc and bcc together
MAX_ADDRESS = 500  # characters of one with its name: taking it apart is quadratic
MAX_FIELD = 20_000  # characters of a field, or of one text in its list

_POLICY = SMTP.clone(cte_type="7bit")  # so that any server takes it, whatever it supports

#: "Name" <a@b>, Name <a@b> or a@b; the local part in ASCII, without quotes.
_SPEC = r"([!#-\'*+\-./-9=?A-Z^-~]+@[^\s<>@]+)"
_FORM = re.compile(rf'(?:(?:"([^"\\]*)"|([^"<>@]*?))\s*<{_SPEC}>|{_SPEC})')
#: Between two headers; a bare line break is none of ours, but others may take it for one.
_HEADERS = re.compile(rb"\r\n(?![ \t])|(?<!\r)\n|\r(?!\n)")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class BadMessage(ValueError):
    """The message can't be made; says which field is at fault."""


def recipients(input: Mapping[str, Any]) -> list[str]:
    """Everyone it goes to, each once. Raises BadMessage."""
    found = [address.addr_spec for name in ("to", "cc", "bcc") for address in _addresses(name, input.get(name))]
    unique = list(dict.fromkeys(found))
    if not unique:
        raise BadMessage("to: name at least one recipient.")
    if len(unique) > MAX_RECIPIENTS:
        raise BadMessage(f"to, cc and bcc name {len(unique)} recipients; at most {MAX_RECIPIENTS} will do.")
    return unique


def sender(input: Mapping[str, Any], default: str) -> Address:
    """Who it is from. Raises BadMessage."""
    written = _addresses("from", input.get("from") or default)
    if len(written) != 1:
        raise BadMessage("from: name exactly one sender, here or in the connection.")
    return written[0]


def compose(input: Mapping[str, Any], *, sent_from: Address, key: str, now: datetime) -> EmailMessage:
    """The message. Its Message-ID is made of the idempotency key, so that receivers can tell a repetition.

    Raises BadMessage.
    """
    text, html = input.get("text") or "", input.get("html") or ""
    if not text and not html:
        raise BadMessage("text: write a text, an HTML body, or both.")
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = sent_from
        for header, name in (("To", "to"), ("Cc", "cc"), ("Reply-To", "replyTo")):
            addresses = _addresses(name, input.get(name))
            if addresses:
                message[header] = addresses
        message["Subject"] = _one_line("subject", str(input.get("subject") or ""))
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{key.lower()}@{sent_from.domain}>"
        if text:
            message.set_content(text)
            if html:
                message.add_alternative(html, subtype="html")
        else:
            message.set_content(html, subtype="html")
        if message.is_multipart():
            message.set_boundary(f"=_{key.lower()}")  # equal inputs give equal bytes
        return message
    except (MessageError, ValueError, UnicodeError) as error:
        raise BadMessage(f"The message can't be written: {error}.") from None


def write(message: EmailMessage) -> bytes:
    """The message's bytes; folding fifty long names takes seconds. Raises BadMessage.

    Of words in a subject that are written as =?utf-8?q?…?= the library writes what they stand for, line breaks included
    (CVE-2024-6923). So what it wrote is looked at: each line of the head goes on with a header, or begins one of ours.
    """
    try:
        written = message.as_bytes()
    except MessageError as error:  # newer Pythons look themselves
        raise BadMessage(f"The message can't be written: {error}.") from None
    head = written.partition(b"\r\n\r\n")[0]
    begun = [line.partition(b":")[0].decode() for line in _HEADERS.split(head)]
    if begun != message.keys():
        raise BadMessage("subject: it holds a line break, in a word that is written as =?…?=.")
    return written


def _addresses(name: str, value: object) -> list[Address]:
    """The addresses of one field: text with commas, or a list of texts."""
    texts = [value] if isinstance(value, str) else list(value) if isinstance(value, Sequence) else []
    found = []
    for text in texts:
        if not str(text).strip():
            continue
        if len(str(text)) > MAX_FIELD:
            raise BadMessage(f"{name}: it has {len(str(text))} characters; at most {MAX_FIELD} will do.")
        found += [_address(name, one) for one in _split(_one_line(name, str(text))) if one.strip()]
    return found


def _split(text: str) -> list[str]:
    """The parts between commas outside quotes. Not `email.utils.getaddresses`: it can be talked into addresses that a
    reader of the text does not see (CVE-2023-27043)."""
    parts, start, quoted = [], 0, False
    for at, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == "," and not quoted:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _address(name: str, text: str) -> Address:
    text = text.strip()
    if "=?" in text:  # the library would take it for a word in another writing, and write what that stands for
        raise BadMessage(f"{name}: “{text[:100]}” is no e-mail address; write names as they are read.")
    if len(text) > MAX_ADDRESS:
        raise BadMessage(f"{name}: “{text[:100]}…” is too long; an address has at most {MAX_ADDRESS} characters.")
    match = _FORM.fullmatch(text)
    display, spec = (match[1] or match[2] or "", match[3] or match[4]) if match else ("", "")
    local, _, domain = spec.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
        if not local or len(spec) > 254 or not _DOMAIN.fullmatch(ascii_domain):
            raise ValueError
        return Address(display_name=display.strip(), username=local, domain=ascii_domain)
    except (ValueError, MessageError, IndexError):
        raise BadMessage(f"{name}: “{text[:100]}” is no e-mail address.") from None


def _one_line(name: str, text: str) -> str:
    if any(ord(sign) < 32 or ord(sign) == 127 or 0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise BadMessage(f"{name}: it holds a line break or control character.")
    return text
