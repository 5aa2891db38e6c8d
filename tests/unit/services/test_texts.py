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
