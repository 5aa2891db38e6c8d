"""Signatures, against the standard library's own HMAC."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import pytest

from zipped.crypto import CannotOpen, SecretBox
from zipped.services import trigger_settings, verifiers
from zipped.services.verifiers import Headers, Open

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = "correct horse battery"
BODY = b'{"n": 1}\x00\xff'


def sign(body: bytes, *, secret: str = SECRET, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).digest()


def refusal(
    headers: Headers, body: bytes = BODY, *, secrets: tuple[str, ...] = (SECRET,), **settings: Any
) -> str | None:
    parsed = trigger_settings.parse({"signature": settings}, verifier="hmac")
    return verifiers.verifier("hmac", parsed.signature, secrets).refusal(headers, body, now=NOW)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
@pytest.mark.parametrize("prefix", ["", "sha256=", "v1,"])
def test_a_good_signature_passes(algorithm: str, encoding: str, prefix: str) -> None:
    digest = sign(BODY, algorithm=algorithm)
    text = digest.hex().encode() if encoding == "hex" else base64.b64encode(digest)
    settings: dict[str, Any] = {"algorithm": algorithm, "encoding": encoding, "prefix": prefix}
    assert refusal([(b"x-signature", prefix.encode() + text)], **settings) is None
    assert refusal([(b"x-signature", prefix.encode() + text)], BODY + b" ", **settings) is not None


def test_each_changed_byte_of_body_and_signature_is_noticed() -> None:
    good = sign(BODY).hex().encode()
    for place in range(len(BODY)):
        changed = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        assert refusal([(b"x-signature", good)], changed) is not None
    for place in range(len(good)):
        other = b"0" if good[place : place + 1] != b"0" else b"1"
        assert refusal([(b"x-signature", good[:place] + other + good[place + 1 :])]) is not None


def test_two_secrets_are_good_at_once_and_a_third_is_not() -> None:
    secrets = ("the old secret", "the new secret")
    for secret in secrets:
        assert refusal([(b"x-signature", sign(BODY, secret=secret).hex().encode())], secrets=secrets) is None
    other = sign(BODY, secret="somebody else").hex().encode()
    assert refusal([(b"x-signature", other)], secrets=secrets) == (
        "The signature does not match the body and any of the secrets."
    )


def test_several_signatures_in_one_header_or_in_several() -> None:
    good, bad = sign(BODY).hex().encode(), b"00" * 32
    assert refusal([(b"x-signature", bad + b" " + good)]) is None
    assert refusal([(b"x-signature", bad), (b"x-signature", good)]) is None
    assert refusal([(b"x-signature", b" ".join([bad] * 10 + [good]))]) is not None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"x-signature", b"")],
        [(b"x-signature", b"not hex")],
        [(b"x-signature", b"abc")],
        [(b"x-signature", b"\xff\xfe")],
        [(b"x-other", sign(BODY).hex().encode())],
    ],
)
def test_no_signature_to_speak_of(headers: Headers) -> None:
    assert refusal(headers) == "There is no hex signature in the header x-signature."


def test_a_prefix_is_asked_for() -> None:
    good = sign(BODY).hex().encode()
    assert refusal([(b"x-signature", good)], prefix="sha256=") == (
        "There is no hex signature in the header x-signature that begins with “sha256=”."
    )


def test_base64_in_either_alphabet_with_and_without_padding() -> None:
    digest = sign(BODY)
    for text in (base64.b64encode(digest), base64.urlsafe_b64encode(digest), base64.b64encode(digest).rstrip(b"=")):
        assert refusal([(b"x-signature", text)], encoding="base64") is None


def stamped(stamp: bytes, payload: bytes | None = None) -> Headers:
    signed = sign(stamp + b"." + BODY if payload is None else payload).hex().encode()
    return [(b"x-signature", signed), (b"x-timestamp", stamp)]


@pytest.mark.parametrize(("away", "passes"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)])
@pytest.mark.parametrize("unit", [1, 1000])
def test_the_timestamp_is_part_of_what_is_signed_and_recent(away: int, passes: bool, unit: int) -> None:
    stamp = b"%d" % ((int(NOW.timestamp()) - away) * unit)
    side = "old" if away > 0 else "ahead"
    expected = None if passes else f"The timestamp is {abs(away)} s {side}; at most 300 s are allowed."
    assert refusal(stamped(stamp), timestampHeader="X-Timestamp") == expected


@pytest.mark.parametrize("stamp", [b"", b"soon", b"-5", b"1e9", b"9" * 17, b"\xb2"])
def test_a_timestamp_that_is_none(stamp: bytes) -> None:
    assert refusal(stamped(stamp), timestampHeader="X-Timestamp") == "There is no Unix time in the header x-timestamp."


def test_a_changed_timestamp_breaks_the_signature() -> None:
    now = int(NOW.timestamp())
    signature = stamped(b"%d" % now)[0]
    assert refusal([signature, (b"x-timestamp", b"%d" % (now + 1))], timestampHeader="X-Timestamp") is not None


def test_a_payload_of_its_own_shape() -> None:
    stamp = b"%d" % int(NOW.timestamp())
    headers = stamped(stamp, b"v0:" + stamp + b":" + BODY)
    assert refusal(headers, timestampHeader="X-Timestamp", payload="v0:{timestamp}:{body}") is None
    # a placeholder in the body is part of the body
    body = b"{timestamp}{body}"
    signed = [(b"x-signature", sign(stamp + b"." + body).hex().encode()), (b"x-timestamp", stamp)]
    assert refusal(signed, body, timestampHeader="X-Timestamp") is None


def test_without_secrets_nobody_passes_and_open_lets_everybody_in() -> None:
    assert refusal([(b"x-signature", sign(BODY).hex().encode())], secrets=()) is not None
    assert Open().refusal([], BODY, now=NOW) is None


def test_secrets_are_sealed_for_their_row() -> None:
    # given
    box = SecretBox(bytes(32))
    sealed = verifiers.seal_secrets(box, ["a secret", "zweites Geheimnis ß"], aad=b"row 1")

    # then
    assert verifiers.open_secrets(box, sealed, aad=b"row 1") == ("a secret", "zweites Geheimnis ß")
    assert verifiers.open_secrets(box, None, aad=b"row 1") == ()
    assert b"secret" not in sealed
    with pytest.raises(CannotOpen):
        verifiers.open_secrets(box, sealed, aad=b"row 2")
