"""Public ids: one canonical text per id, and no other."""

from uuid import UUID

import pytest

from zipped import ids
from zipped.errors import InvalidId

RUN = UUID("0199a3c4-0000-7000-8000-000000000001")


def test_an_id_is_its_prefix_and_its_uuid() -> None:
    assert ids.encode("run", RUN) == "run_0199a3c4-0000-7000-8000-000000000001"
    assert ids.decode("run_0199a3c4-0000-7000-8000-000000000001", "run") == RUN
    assert ids.decode_any("zip_0199a3c4-0000-7000-8000-000000000001") == ("zip", RUN)


def test_an_id_of_another_kind_is_refused_by_name() -> None:
    with pytest.raises(InvalidId) as caught:
        ids.decode("zip_0199a3c4-0000-7000-8000-000000000001", "run", path=("input", "runId"))
    assert caught.value.path == ("input", "runId")
    assert caught.value.message == (
        "“zip_0199a3c4-0000-7000-8000-000000000001” is the id of a zip; the id of a run starts with run_."
    )
    with pytest.raises(InvalidId, match="is the id of a run; the id of an event starts with evt_"):
        ids.decode("run_0199a3c4-0000-7000-8000-000000000001", "evt")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "run",
        "run_",
        "run_0199A3C4-0000-7000-8000-000000000001",
        "run_{199a3c4-0000-7000-8000-00000000001}",
        "run_urn:uuid:0199a3c4-0000-7000-8000-000",
        "run_0199a3c400007000800000000000000100000",
        "job_0199a3c4-0000-7000-8000-000000000001",
        "0199a3c4-0000-7000-8000-000000000001",
        "run_0199a3c4-0000-7000-8000-00000000000\x00",
        "x" * 10_000,
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        ids.decode(text, "run")
