import pytest

from zipped.engine.document import Oversized, check, cleaned
from zipped.engine.problem import Problem


def found(value: object, *, max_bytes: int = 10_000, max_depth: int = 8) -> list[tuple[tuple[str, ...], str]]:
    return [(one.path, one.code) for one in check(value, max_bytes=max_bytes, max_depth=max_depth)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("plain", "plain"),
        ("é😀", "é😀"),
        ("a\0b", "a\ufffdb"),
        ("é\0", "é\ufffd"),
        ("x\ud800y\udfff", "x\ufffdy\ufffd"),
    ],
)
def test_a_text_is_cleaned_of_what_nothing_can_carry(text: str, told: str) -> None:
    assert cleaned(text) == told


def test_json_is_storable() -> None:
    assert found({"a": [1, -(2**63), 2**64 - 1, 1.5, "é", "😀", True, None, {}], "": []}) == []


def test_each_fault_is_told_where_it_is_in_the_order_of_the_document() -> None:
    value = {
        "nul": "a\0b",
        "half": ["x", "\ud800", {"deep": "\udfff\0"}],
        "nan": float("nan"),
        "infinite": float("-inf"),
        "large": 2**64,
        "small": -(2**63) - 1,
        "bytes": b"x",
        7: "key",
        "k\0": 1,
        "k\ud800": 2,
    }
    assert found(value) == [
        ((), "not_json"),
        ((), "nul_character"),
        ((), "lone_surrogate"),
        (("nul",), "nul_character"),
        (("half", "1"), "lone_surrogate"),
        (("half", "2", "deep"), "nul_character"),
        (("half", "2", "deep"), "lone_surrogate"),
        (("nan",), "number_out_of_range"),
        (("infinite",), "number_out_of_range"),
        (("large",), "number_out_of_range"),
        (("small",), "number_out_of_range"),
        (("bytes",), "not_json"),
    ]


def test_a_number_of_five_thousand_digits_is_one_problem() -> None:
    assert found([10**5_000]) == [(("0",), "number_out_of_range")]


def test_depth_counts_lists_and_objects() -> None:
    assert found([[["x"]]], max_depth=3) == []
    with pytest.raises(Oversized) as caught:
        found({"a": [["x"]]}, max_depth=2)
    assert caught.value.problem == Problem(
        path=("a", "0"),
        code="too_deep",
        message="It is nested deeper than 2 levels.",
        fix="Make it flatter.",
    )


def test_a_nest_of_a_hundred_thousand_levels_costs_no_more_than_the_limit() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(Oversized, match="nested deeper than 8 levels"):
        found(value)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 10_000,
        "é" * 5_000,
        ["x" * 5_000, "x" * 5_000],
        {"x" * 10_000: 1},
        [0] * 3_000,
        {str(n): 0 for n in range(3_000)},
    ],
)
def test_size_is_that_of_compact_json(value: object) -> None:
    with pytest.raises(Oversized) as caught:
        found(value)
    assert (caught.value.problem.code, caught.value.problem.message) == ("too_large", "It is larger than 9 KiB.")


def test_a_value_that_holds_itself_many_times_over_is_too_large() -> None:
    value: object = "xxxxxxxxxx"
    for _ in range(30):
        value = [value, value]
    with pytest.raises(Oversized, match="larger than 9 KiB"):
        found(value, max_depth=100)
