"""Texts of people, to the last character that fits."""

import pytest

from zipped.errors import ValidationFailed
from zipped.services import texts


@pytest.mark.parametrize("sign", ["a", "é", "語", '"', "\\", "👩"])
def test_as_many_characters_fit_whatever_they_weigh(sign: str) -> None:
    assert texts.name(sign * 300, path=("name",)) == sign * 300
    assert texts.note(sign * 10_000, path=("note",)) == sign * 10_000

    with pytest.raises(ValidationFailed) as refused:
        texts.name(sign * 301, path=("name",))
    assert refused.value.path == ("name",)
    assert refused.value.message == "It has 301 characters; at most 300 fit."


@pytest.mark.parametrize(
    "text",
    [
        "\u200b",  # zero width space
        "\u200e\u200f\u202a\u202e\u2066\u2069",  # directions
        "\u2060\ufeff\u00ad",  # word joiner, byte order mark, soft hyphen
        "\u3164 \u115f\u1160\uffa0",  # fillers
        "\u2800",  # Braille without a dot
        "\ufe0f\u0301",  # a variation and an accent of nothing
        "\U000e0041",  # a tag
        "\x9d",  # a control character of another age
    ],
)
def test_a_name_of_nothing_that_can_be_seen_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as error:
        texts.name(text, path=("name",))
    assert [(one.path, one.code, one.message) for one in error.value.problems] == [
        (("name",), "required", "It holds nothing that can be seen.")
    ]


@pytest.mark.parametrize(
    "text", ["\u200f\u05e9\u05dc\u05d5\u05dd", "\U0001f600\ufe0f", "a\u0301", "-", "7", "\u0e01", "\u4e2d\u6587"]
)
def test_a_name_of_any_script_is_one(text: str) -> None:
    assert texts.name(text, path=("name",)) == text
