"""Every form in which a secret may come back is masked."""

import base64
import json
import time
from urllib.parse import quote, quote_plus

import pytest

from zipped.masking import Redactor

SECRET = 'p@ss "wörd"/+1'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").replace("%C3%B6", "%c3%B6"),
        quote(SECRET, safe='"@').replace("%20", "+"),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_form_of_the_secret_is_masked(form: str) -> None:
    masked = Redactor([SECRET]).text(f"before {form} after")
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "***" in masked
    assert "rd" not in masked.replace("before", "").replace("after", "")


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "user:", "Lorem ipsum "])
@pytest.mark.parametrize("after", ["", "a", "bc", "def"])
def test_base64_is_masked_at_any_offset(before: str, after: str) -> None:
    encoded = base64.b64encode(f"{before}correct-horse-battery{after}".encode()).decode()
    masked = Redactor(["correct-horse-battery"]).text(encoded)
    assert "***" in masked
    # What is left are the characters around the secret, and up to two on each side that mix with it.
    assert len(masked) - 3 <= len(base64.b64encode(f"{before}{after}".encode())) + 4


def test_values_are_masked_at_every_depth_keys_included() -> None:
    value = {"a": ["x", {"tok-123456": "is tok-123456!"}], "n": 5, "t": True, "z": None}
    assert Redactor(["tok-123456"]).value(value) == {
        "a": ["x", {"***": "is ***!"}], "n": 5, "t": True, "z": None,
    }  # fmt: skip
    assert value["a"] == ["x", {"tok-123456": "is tok-123456!"}]


def test_short_and_empty_secrets_mask_nothing() -> None:
    redactor = Redactor(["", "abc", "12345"])
    assert not redactor
    value = {"abc": "12345"}
    assert redactor.value(value) is value
    assert redactor.text("abc 12345") == "abc 12345"


def test_the_longer_secret_goes_first() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("secret-and-more, secret") == "***, ***"


def test_a_secret_is_no_pattern() -> None:
    assert Redactor(["a.b*c(d"]).text("a.b*c(d axbxcxd") == "*** axbxcxd"


@pytest.mark.parametrize("stray", ["%", "%2", "%zz", "100%25 of "])
def test_a_stray_percent_sign_hides_nothing(stray: str) -> None:
    assert Redactor(["bb/secret"]).text(f"{stray}bb%2Fsecret, %C3%A9") == f"{stray}***, %C3%A9"


def test_places_that_overlap_are_one() -> None:
    assert Redactor(["abcabcabc", "cabcab"]).text("abcabcabcabc") == "***abc"


@pytest.mark.parametrize(
    "text", ["%" + "a" * 1_000_000, "%61" * 300_000, ("a" * 7999 + "%") * 120], ids=["plain", "encoded", "almost"]
)
def test_a_secret_that_almost_fits_everywhere_costs_no_more(text: str) -> None:
    # With a pattern this took minutes; the limit is far above what a search takes on a busy machine.
    redactor = Redactor(["a" * 8000 + "b"])
    began = time.process_time()
    assert redactor.text(text) == text
    assert time.process_time() - began < 5
