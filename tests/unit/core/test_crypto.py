"""Envelopes open for their own key and row only."""

import pytest

from zipped.crypto import CannotOpen, SecretBox, hash_token, new_token

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_secret_opens_under_its_key_and_row() -> None:
    box = SecretBox(NEW)
    sealed = box.seal(b"hunter2", aad=b"workspace|connection")
    assert b"hunter2" not in sealed
    assert box.open(sealed, aad=b"workspace|connection") == b"hunter2"
    assert box.seal(b"hunter2", aad=b"workspace|connection") != sealed


def test_a_secret_moved_to_another_row_stays_shut() -> None:
    box = SecretBox(NEW)
    with pytest.raises(CannotOpen):
        box.open(box.seal(b"hunter2", aad=b"a"), aad=b"b")


def test_every_changed_byte_shuts_it() -> None:
    box = SecretBox(NEW)
    sealed = box.seal(b"x", aad=b"a")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(CannotOpen):
            box.open(bytes(changed), aad=b"a")
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            box.open(sealed[:length], aad=b"a")


def test_keys_can_be_changed_online() -> None:
    sealed = SecretBox(OLD).seal(b"x", aad=b"a")
    both = SecretBox(NEW, OLD)
    assert both.open(sealed, aad=b"a") == b"x"
    assert SecretBox(NEW).open(both.seal(b"y", aad=b"a"), aad=b"a") == b"y"
    with pytest.raises(CannotOpen):
        SecretBox(NEW).open(sealed, aad=b"a")


def test_tokens_are_long_and_stored_as_hashes() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {32}
    assert len(hash_token("\ud800")) == 32
