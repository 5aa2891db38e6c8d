"""A mail message holds what its author wrote, and no line that a stranger smuggled in."""

import time
from base64 import b64encode
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from connectors.email._message import BadMessage, compose, recipients, sender, write

NOW = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
KEY = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"


def _composed(input: dict[str, Any]) -> bytes:
    return write(compose(input, sent_from=sender(input, "Zipped <zipped@example.com>"), key=KEY, now=NOW))


def test_a_message_has_text_and_html_and_the_key_as_its_id() -> None:
    written = _composed(
        {"to": "Ada <ada@example.com>, bob@example.org", "bcc": ["eve@example.net"], "subject": "Grüße",
         "text": "Hallo\n.\nWelt", "html": "<b>Hallo</b>", "replyTo": "desk@example.com"}
    )  # fmt: skip
    message = message_from_bytes(written, policy=default)
    assert message["From"] == "Zipped <zipped@example.com>"
    assert message["To"] == "Ada <ada@example.com>, bob@example.org"
    assert message["Subject"] == "Grüße"
    assert message["Reply-To"] == "desk@example.com"
    assert message["Message-ID"] == f"<{KEY.lower()}@example.com>"
    assert message["Date"] == "Sun, 22 Nov 2026 17:30:00 +0000"
    assert "Bcc" not in message
    assert b"eve@" not in written
    text, html = message.iter_parts()
    assert text.get_content().splitlines() == ["Hallo", ".", "Welt"]
    assert html.get_content().strip() == "<b>Hallo</b>"
    assert written.isascii()


def test_equal_inputs_give_equal_bytes() -> None:
    input = {"to": "ada@example.com", "subject": "x", "text": "t", "html": "<p>t</p>"}
    assert _composed(input) == _composed(dict(input))


def test_html_alone_is_the_whole_message() -> None:
    message = message_from_bytes(_composed({"to": "ada@example.com", "html": "<p>x</p>"}), policy=default)
    assert message.get_content_type() == "text/html"


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "replyTo", "from", "subject"])
@pytest.mark.parametrize("smuggled", ["\r\nBcc: eve@example.net", "\nX: y", "\rX: y", "\0", "\x0b", "\ud800"])
def test_a_line_break_in_a_header_is_refused(field: str, smuggled: str) -> None:
    input = {"to": "ada@example.com", "subject": "x", "text": "t"}
    input[field] = f"ada@example.com{smuggled}"
    with pytest.raises(BadMessage, match=f"{field}: it holds a line break"):
        assert (recipients(input), _composed(input)) is None


def _word(text: str) -> str:
    """A word as headers carry what isn't ASCII, RFC 2047."""
    return f"=?utf-8?b?{b64encode(text.encode()).decode()}?="


@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?Hi=0D=0ABcc:_eve@example.net?=",
        _word("Hi\r\nBcc: eve@example.net\r\n\r\nanother body"),
        _word("Hi\nBcc: eve@example.net") + " " + "y" * 90,
        "x" * 70 + " " + _word("Hi\rBcc: eve@example.net"),
        "=?utf-7?q?Hi+AA0ACg-Bcc: eve@example.net?= and more",
        "=?utf-8?q?Hi=0D?= =?utf-8?q?=0ABcc:_eve@example.net?=",
        "=?utf-8?q?Hi=0D=0ASubject:_another?=",
    ],
)
def test_a_line_break_in_a_word_of_another_writing_begins_no_header(subject: str) -> None:
    with pytest.raises(BadMessage, match=r"line break|can't be written"):
        _composed({"to": "ada@example.com", "subject": subject, "text": "t"})


def test_a_word_of_another_writing_in_a_subject_is_fine() -> None:
    written = _composed({"to": "ada@example.com", "subject": "Re: " + _word("Grüße"), "text": "t"})
    assert message_from_bytes(written, policy=default)["Subject"] == "Re: Grüße"


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "replyTo", "from"])
@pytest.mark.parametrize("form", ['"{}" <ada@example.com>', "{}@example.com"])
def test_an_address_holds_no_word_of_another_writing(field: str, form: str) -> None:
    input = {"to": "ada@example.com", "subject": "x", "text": "t"}
    input[field] = form.format("=?utf-8?q?A=0D=0ABcc=3A_eve=40example.net?=")
    with pytest.raises(BadMessage, match=f"{field}: .* is no e-mail address; write names as they are read"):
        assert (recipients(input), _composed(input)) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada@example.com", ["ada@example.com"]),
        (" ada@example.com , Bob <bob@example.org>,", ["ada@example.com", "bob@example.org"]),
        ('"Lovelace, Ada" <ada@example.com>', ["ada@example.com"]),
        (["ada@example.com", "ADA@EXAMPLE.COM", "ada@example.com"], ["ada@example.com", "ADA@example.com"]),
        ("ada@bücher.example", ["ada@xn--bcher-kva.example"]),
        ("o'neil+tag@example.co.uk", ["o'neil+tag@example.co.uk"]),
    ],
)
def test_recipients_are_read_from_text_or_list(text: Any, found: list[str]) -> None:
    assert recipients({"to": text}) == found


@pytest.mark.parametrize(
    "text",
    [
        "ada", "ada@", "@example.com", "ada@example..com", "ada@-x.com", "a@b@example.com", "a b@example.com",
        "alice@example.org)bob@evil.example", "alice@example.org(<bob@evil.example>", '"a b"@example.com',
        "<ada@example.com> x", "ada@example.com; bob@example.com", "ä@example.com", "ada@[127.0.0.1]",
        "x" * 300 + "@e.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadMessage, match="is no e-mail address"):
        recipients({"to": text})


def test_recipients_are_capped_over_all_fields() -> None:
    some = [f"user{n}@example.com" for n in range(25)]
    others = [f"other{n}@example.com" for n in range(26)]
    assert len(recipients({"to": some, "cc": others[:25]})) == 50
    with pytest.raises(BadMessage, match="name 51 recipients; at most 50"):
        recipients({"to": some, "cc": others[:13], "bcc": others[13:]})
    with pytest.raises(BadMessage, match="at least one recipient"):
        recipients({"to": " , "})


def test_a_message_needs_a_body_and_one_sender() -> None:
    with pytest.raises(BadMessage, match="write a text"):
        _composed({"to": "ada@example.com", "text": ""})
    with pytest.raises(BadMessage, match="exactly one sender"):
        sender({}, "")
    with pytest.raises(BadMessage, match="exactly one sender"):
        sender({"from": "a@example.com, b@example.com"}, "")


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        ("a" + " " * 19_000 + "b", "an address has at most 500 characters"),
        ([f"a{' ' * 19_000}b"] * 50, "an address has at most 500 characters"),
        (["x" * 1_000_000], "it has 1000000 characters; at most 20000 will do"),
        (["a" + " " * 498 + "b"] * 50, "is no e-mail address"),
        ([",".join("a" * 10_000)], "is no e-mail address"),
    ],
    ids=["blanks", "blanks in a list", "one long text", "short enough", "commas"],
)
def test_an_address_that_is_none_is_refused_at_once(to: object, problem: str) -> None:
    # Taken apart by a pattern, 50,000 blanks held the process for nine seconds.
    began = time.process_time()
    with pytest.raises(BadMessage, match=problem):
        recipients({"to": to})
    assert time.process_time() - began < 2
