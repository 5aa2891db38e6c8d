"""Where JSON breaks."""

from hypothesis import given
from hypothesis import strategies as st

from api.hooks import json_flaws


@given(st.binary(max_size=200))
def test_a_position_lies_within_the_body(body: bytes) -> None:
    flaw = json_flaws.find(body)
    if flaw is not None:
        assert 0 <= flaw.offset <= len(body)
        assert 1 <= flaw.line <= body.count(b"\n") + 1
        assert 1 <= flaw.column <= len(body) + 1


@given(st.text(alphabet="äé\n€𝄞x", max_size=40))
def test_columns_are_characters_and_offsets_bytes(text: str) -> None:
    line = text.replace("\n", "\\n")
    body = f'{{\n"{line}" x'.encode()
    flaw = json_flaws.find(body)
    assert flaw is not None
    assert (flaw.line, flaw.column, flaw.offset) == (2, len(line) + 4, len(body) - 1)
