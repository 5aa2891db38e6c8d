"""How addresses of people are compared."""

from zipped.services.accounts import email_key


def test_addresses_are_compared_as_they_are_read() -> None:
    assert email_key(" Ada@EXAMPLE.com ") == "ada@example.com"
    assert email_key("A\u0308da@example.com") == email_key("\u00e4DA@example.com") == "\u00e4da@example.com"


def test_only_what_an_address_can_have_is_looked_at() -> None:
    # given: accents in the wrong order, whose sorting takes the square of their number
    accents = "\u0300\u0316" * 5_000

    # then
    assert email_key("a" + accents) == email_key("a" + accents[:254])
    assert len(email_key("a" + accents)) == 254
